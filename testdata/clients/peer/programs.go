package peer

import "path/filepath"

// systemPython is Debian's, which has Debian's python3-grpcio; another one may come first on PATH.
const systemPython = "/usr/bin/python3"

// nodeSDK is @zilliz/milvus2-sdk-node.
func nodeSDK(dir string) Client {
	program := filepath.Join(dir, "node", "milvus.mjs")
	return Client{"Node SDK", GRPC, printed("node", program, "--version"), batch("node", program)}
}

// pymilvus is python3-grpcio, called as pymilvus calls it: that is all that pymilvus does with the files.
func pymilvus(dir string) Client {
	program := filepath.Join(dir, "drivers", "pymilvus.py")
	return Client{"pymilvus", GRPC, printed(systemPython, program, "--version"), batch(systemPython, program)}
}

// jsse is what the Java SDK verifies certificates with.
func jsse(dir string) Client {
	program := filepath.Join(dir, "drivers", "Jsse.java")
	return Client{"JSSE", REST, printed("java", program, "--version"), batch("java", program)}
}

// python is ssl.create_default_context of Python 3.13, whichever Python runs it.
func python(dir string) Client {
	program := filepath.Join(dir, "drivers", "python.py")
	return Client{"Python 3.13", REST, printed(systemPython, program, "--version"), batch(systemPython, program)}
}

// requests is the same as urllib3 2 changes it.
func requests(dir string) Client {
	program := filepath.Join(dir, "drivers", "python.py")
	return Client{"requests", REST, printed(systemPython, program, "--version"), batch(systemPython, program, "--urllib3")}
}
