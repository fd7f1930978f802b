package sets

import "bytes"

// fields are sets by the version and the serial number of their leaves.
func fields() []Set {
	return []Set{
		with("leaves-version-1", leaves(versionOne)),
		with("server-serial-negative", server(serial(0x80, 0x01))),
		with("server-serial-zero", server(serial(0))),
		with("server-serial-21-octets", server(serial(bytes.Repeat([]byte{0x41}, 21)...))),
		with("client-serial-negative", client(serial(0x80, 0x01))),
		with("leaves-one-serial", leaves(serial(1))),
		with("ca-serial-zero", ca(serial(0))),
		with("ca-serial-negative", ca(serial(0x80, 0x01))),
	}
}
