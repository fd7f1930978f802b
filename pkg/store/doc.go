// Package store keeps a set's files in a directory on disk: it reads them within bounds, locks the directory, and puts
// new files into it all or nothing. It knows names, modes and bytes; what the bytes mean is package certset's business.
//
// A directory may hold hundreds of thousands of files. Only List looks at all of them; to lock, to commit and to recover
// takes as long as the files of the commit ask for.
//
// Reading follows symbolic links, for Kubernetes mounts Secrets as links. Writing never does.
//
// # How a commit survives a kill
//
// Everything is prepared in the folder .milvus-certs.tx inside the directory, hence on the same file system: new files
// in new/, the files that they replace, under a second name or copied, in old/. Several are written side by side, for a disk syncs them together
// in little more time than one. When all of it is synced, a journal appears beside them under the name "apply", by a
// rename; from that instant the commit is decided. The new files are moved into place one by one, old/ becomes the
// backup folder where one was asked for, and the journal is renamed to "done".
//
// The journal's name is its state, so that changing direction takes one rename and no space on a full disk:
//
//	(no journal)  nothing was moved yet, or all was put back: the folder is removed
//	apply         moving the new files in: is completed
//	undo          putting the old files back, because a step failed: is completed
//	done          all new files are in: the folder is removed
//
// Each direction can be run again from any point at which it stopped: a file that is still in new/ was not moved yet.
// What remains of an interrupted commit is settled by the next Lock.
//
// A new file has the owner and group of the one that it replaces, as far as the user may give it away, and stays readable for
// the group where that one was.
//
// What this package does not do: a new file does not take over hard links or access control lists, and a reader that does
// not take the lock may see some files of the old set and some of the new during the renames.
package store
