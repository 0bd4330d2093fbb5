// SPDX-License-Identifier: Apache-2.0

// Reads documents with the parser that kubectl uses and answers what it made of each, so that tests can compare. On standard input
// and output: a length of four bytes, big-endian, then as many bytes. An answer begins with '+' and JSON, or '-' and an error.
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"github.com/ghodss/yaml"
)

func read(document []byte) (answer []byte) {
	defer func() {
		if problem := recover(); problem != nil { // go-yaml v2 panics on some broken documents
			answer = []byte(fmt.Sprintf("-panic: %v", problem))
		}
	}()
	json, err := yaml.YAMLToJSON(document)
	if err != nil {
		return []byte("-" + err.Error())
	}
	return append([]byte("+"), json...)
}

func main() {
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	var length uint32
	for binary.Read(in, binary.BigEndian, &length) == nil {
		document := make([]byte, length)
		if _, err := io.ReadFull(in, document); err != nil {
			break
		}
		answer := read(document)
		binary.Write(out, binary.BigEndian, uint32(len(answer)))
		out.Write(answer)
		out.Flush()
	}
}
