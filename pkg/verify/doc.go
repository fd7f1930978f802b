// Package verify checks what others made: the files of a set go in, in whatever state they are, and a Report comes out, with
// all that is wrong, what real clients will say of it, and what to do. It shares no code with the packages that make
// certificates, so that a mistake of theirs is not repeated in the check.
//
// It does not check revocation, and does not ask a running server.
package verify
