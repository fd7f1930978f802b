// Package verify checks what others made. It shares no code with the packages that make certificates, so that a mistake of
// theirs is not repeated in the check.
package verify
