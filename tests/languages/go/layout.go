package main

// How the contract's types lie in memory. The rules are those of the component model's Canonical ABI
// (https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md):
//
//   - A list or string is an address and a length, of 4 bytes each.
//   - A record has its fields in order, each aligned to its own size.
//   - A variant, option or result is the number of its case in a byte, then what the case carries,
//     aligned to what the most demanding case needs: here always to 4 bytes.
//
// An address is a uint32 here, since Go's own pointers have 8 bytes. The garbage collector does not see it:
// what the host reads or writes is pinned until it calls cabi_post_.

import (
	"structs"
	"unsafe"
)

type list struct {
	_            structs.HostLayout
	address, len uint32
}

type pair struct {
	_          structs.HostLayout
	key, value list
}

type document struct {
	_                                 structs.HostLayout
	name, mediaType, body, attributes list
}

type optionalLocation struct {
	_            structs.HostLayout
	isSome       bool
	line, column uint32
}

type invalidInput struct {
	_       structs.HostLayout
	message list
	at      optionalLocation
}

type badOption struct {
	_            structs.HostLayout
	key, message list
	at           optionalLocation
}

type option struct {
	_                  structs.HostLayout
	key, initial, help list
}

type description struct {
	_                                             structs.HostLayout
	name, version, summary, takes, gives, options list
}

// variant is a case of a variant or result, and what it carries.
type variant[T any] struct {
	_     structs.HostLayout
	index uint8
	value T
}

const (
	resultOK uint8 = iota
	resultErr
)

const (
	failureInvalidInput uint8 = iota
	failureUnknownOption
	failureBadOption
	failureInternal
)

// lowered pins the items and gives the list of them.
func lowered[T any](items []T) list {
	first := unsafe.Pointer(unsafe.SliceData(items))
	call.Pin(first)
	return list{address: uint32(uintptr(first)), len: uint32(len(items))}
}

func lowerString(s string) list { return lowered(unsafe.Slice(unsafe.StringData(s), len(s))) }

func lowerPair(p Pair) pair { return pair{key: lowerString(p.Key), value: lowerString(p.Value)} }

func lowerList[T, L any](items []T, lower func(T) L) list {
	flat := make([]L, len(items))
	for i, item := range items {
		flat[i] = lower(item)
	}
	return lowered(flat)
}

func lowerLocation(at *Location) optionalLocation {
	if at == nil {
		return optionalLocation{}
	}
	return optionalLocation{isSome: true, line: at.Line, column: at.Column}
}

func (l list) lift() string { return unsafe.String((*byte)(unsafe.Add(nil, l.address)), l.len) }

func liftPairs(first *pair, length uint32) []Pair {
	pairs := make([]Pair, length)
	for i, p := range unsafe.Slice(first, length) {
		pairs[i] = Pair{p.key.lift(), p.value.lift()}
	}
	return pairs
}
