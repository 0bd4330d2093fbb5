// SPDX-License-Identifier: Apache-2.0

// A driver in Go: keeps objects in memory, by type and name. Built with -buildmode=c-shared; entry.c makes a driver of it.
package main

// #cgo pkg-config: resourcifier
// #include "host.h"
import "C"

import (
	"fmt"
	"runtime/cgo"
	"strings"
	"sync"
	"unsafe"
)

type key struct{ kind, name string }

type satchel struct {
	host    *C.rsf_host
	mutex   sync.Mutex
	objects map[key]string // JSON; guarded by mutex
	order   []key          // as they were put in; guarded by mutex
}

// How a verb failed.
type refusal struct {
	code    C.int32_t
	message string
}

func text(given C.rsf_text) string { return C.GoStringN(given.data, C.int(given.size)) }

func (s *satchel) perform(call *C.rsf_call) (outcome C.uint32_t, object string, refused *refusal) {
	k := key{text(call._type), text(call.name)}
	if call.flags != 0 { // a dry run must not write: never guess
		return 0, "", &refusal{C.RSF_UNSUPPORTED, "The satchel knows no flags."}
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	held, there := s.objects[k]
	absent := &refusal{C.RSF_NOT_FOUND, k.name + " is not in the satchel."}
	switch call.verb {
	case C.RSF_LIST:
		var items []string
		for _, other := range s.order {
			if other.kind == k.kind {
				items = append(items, s.objects[other])
			}
		}
		return C.RSF_OUTCOME_DONE, `{"items": [` + strings.Join(items, ", ") + `]}`, nil
	case C.RSF_GET:
		if !there {
			return 0, "", absent
		}
		return C.RSF_OUTCOME_DONE, held, nil
	case C.RSF_CREATE:
		if there {
			return 0, "", &refusal{C.RSF_ALREADY_EXISTS, k.name + " is in the satchel already."}
		}
		s.objects[k] = text(call.object)
		s.order = append(s.order, k)
		s.info(call, "put "+k.name+" into the satchel")
		return C.RSF_OUTCOME_CREATED, s.objects[k], nil
	case C.RSF_REPLACE:
		if !there {
			return 0, "", absent
		}
		s.objects[k] = text(call.object)
		return C.RSF_OUTCOME_CHANGED, s.objects[k], nil
	case C.RSF_DELETE:
		if !there { // as it was wanted
			return C.RSF_OUTCOME_UNCHANGED, "", nil
		}
		delete(s.objects, k)
		for i, other := range s.order {
			if other == k {
				s.order = append(s.order[:i], s.order[i+1:]...)
				break
			}
		}
		return C.RSF_OUTCOME_DONE, "", nil
	}
	return 0, "", &refusal{C.RSF_UNSUPPORTED, fmt.Sprintf("The satchel does not know verb %d.", call.verb)}
}

func (s *satchel) info(call *C.rsf_call, line string) {
	data, size := view(line)
	C.write_log(s.host, call, data, size)
}

// Valid until the C function that it is passed to returns; Go keeps text in place meanwhile.
func view(text string) (*C.char, C.size_t) {
	bytes := append([]byte(text), 0)
	return (*C.char)(unsafe.Pointer(&bytes[0])), C.size_t(len(text))
}

//export satchel_create
func satchel_create(host *C.rsf_host) C.uintptr_t {
	return C.uintptr_t(cgo.NewHandle(&satchel{host: host, objects: map[key]string{}}))
}

//export satchel_destroy
func satchel_destroy(handle C.uintptr_t) { cgo.Handle(handle).Delete() }

// No panic passes it.
//
//export satchel_perform
func satchel_perform(handle C.uintptr_t, call *C.rsf_call, sink *C.rsf_sink) {
	defer func() {
		if panicked := recover(); panicked != nil {
			message, size := view(fmt.Sprint("The satchel panicked: ", panicked))
			C.fail(sink, C.RSF_INTERNAL, message, size)
		}
	}()
	outcome, object, refused := cgo.Handle(handle).Value().(*satchel).perform(call)
	if refused != nil {
		message, size := view(refused.message)
		C.fail(sink, refused.code, message, size)
		return
	}
	data, size := view(object)
	C.succeed(sink, outcome, data, size)
}

func main() {} // never runs: -buildmode=c-shared wants it
