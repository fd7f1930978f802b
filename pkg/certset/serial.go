package certset

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// MaxSerialBits is what 20 octets hold of a positive number (RFC 5280, 4.1.2.2).
const MaxSerialBits = 159

// ErrSerialFull is returned where no serial number of 20 octets is left.
var ErrSerialFull = errors.New("the next serial number would exceed 20 octets (RFC 5280, 4.1.2.2); replace it by one that no certificate of this CA has")

// ParseSerial reads a ca.srl, as openssl-x509(1) writes it: the serial number last used in hexadecimal, two digits an
// octet.
func ParseSerial(data []byte) (*big.Int, error) {
	text := strings.TrimSpace(string(data))
	octets, err := hex.DecodeString(text)
	if err != nil || len(octets) == 0 {
		return nil, fmt.Errorf("wanted a hexadecimal serial number, two digits an octet, found %s", describe(text))
	}
	serial := new(big.Int).SetBytes(octets)
	if serial.BitLen() > MaxSerialBits {
		return nil, fmt.Errorf("wanted a serial number of 20 octets at most, found %d", serial.BitLen()/8+1)
	}
	return serial, nil
}

// parseSerialFile is ParseSerial in the form of the other readers. It has no remarks.
func parseSerialFile(data []byte) (*big.Int, []string, error) {
	serial, err := ParseSerial(data)
	return serial, nil, err
}

// describe quotes what is no serial number, but nothing that could be a key's file in the wrong place.
func describe(text string) string {
	const longest = 24
	switch {
	case text == "":
		return "an empty file"
	case strings.Contains(text, string(beginMark)):
		return "PEM"
	case len(text) > longest:
		return fmt.Sprintf("something else of %d bytes", len(text))
	}
	return strconv.Quote(text)
}

// FormatSerial writes a ca.srl: upper-case digits, two an octet, and a newline.
func FormatSerial(serial *big.Int) []byte {
	octets := serial.Bytes()
	if len(octets) == 0 {
		octets = []byte{0}
	}
	return []byte(strings.ToUpper(hex.EncodeToString(octets)) + "\n")
}

// NextSerial returns the number after the one last used, or ErrSerialFull.
func NextSerial(last *big.Int) (*big.Int, error) {
	next := new(big.Int).Add(last, big.NewInt(1))
	if next.BitLen() > MaxSerialBits {
		return nil, ErrSerialFull
	}
	return next, nil
}
