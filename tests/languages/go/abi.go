package main

// The functions of the contract's world `transformer`, by hand. By the Canonical ABI, up to 16 numbers of a
// function's parameters are passed one by one ("flattened"), which makes two of each list. A result of more
// than one number is passed as a pointer to it. The host puts the arguments where cabi_realloc says, and
// calls cabi_post_ and the function's name once it has read the result.

import (
	"runtime"
	"unsafe"
)

var (
	// call pins all that belongs to one call.
	call runtime.Pinner

	// result is where the host finds the result of a call. The largest, a description, has 48 bytes, and
	// there is never more than one call at a time.
	result [48 / 4]uint32
)

//go:wasmexport cabi_realloc
func cabiRealloc(old unsafe.Pointer, oldLen, align, newLen uint32) unsafe.Pointer {
	// Go aligns a uint64 to 8 bytes, and the ABI asks for no more.
	words := make([]uint64, (int(newLen)+7)/8)
	first := unsafe.Pointer(unsafe.SliceData(words))
	copy(unsafe.Slice((*byte)(first), newLen), unsafe.Slice((*byte)(old), oldLen))
	call.Pin(first)
	return first
}

//go:wasmexport plugwright:plugin/transform@0.2.0#describe
func exportedDescribe() unsafe.Pointer {
	d := describe()
	return returned(description{
		name:    lowerString(d.Name),
		version: lowerString(d.Version),
		summary: lowerString(d.Summary),
		takes:   lowerList(d.Takes, lowerString),
		gives:   lowerList(d.Gives, lowerString),
		options: lowerList(d.Options, func(o Option) option {
			return option{key: lowerString(o.Key), initial: lowerString(o.Default), help: lowerString(o.Help)}
		}),
	})
}

//go:wasmexport plugwright:plugin/transform@0.2.0#transform
func exportedTransform(
	name, mediaType, body string, // the body is a list<u8>, which is passed as a string is
	attributes *pair, attributesLen uint32,
	settings *pair, settingsLen uint32,
) unsafe.Pointer {
	output, err := transform(Document{
		Name:       name,
		MediaType:  mediaType,
		Body:       unsafe.Slice(unsafe.StringData(body), len(body)),
		Attributes: liftPairs(attributes, attributesLen),
	}, liftPairs(settings, settingsLen))
	switch err := err.(type) {
	case nil:
		return returned(variant[document]{index: resultOK, value: document{
			name:       lowerString(output.Name),
			mediaType:  lowerString(output.MediaType),
			body:       lowered(output.Body),
			attributes: lowerList(output.Attributes, lowerPair),
		}})
	case InvalidInput:
		return failed(failureInvalidInput, invalidInput{message: lowerString(err.Message), at: lowerLocation(err.At)})
	case UnknownOption:
		return failed(failureUnknownOption, lowerString(err.Key))
	case BadOption:
		return failed(failureBadOption, badOption{
			key:     lowerString(err.Key),
			message: lowerString(err.Message),
			at:      lowerLocation(err.At),
		})
	default:
		return failed(failureInternal, lowerString(err.Error()))
	}
}

//go:wasmexport cabi_post_plugwright:plugin/transform@0.2.0#describe
func postDescribe(unsafe.Pointer) { call.Unpin() }

//go:wasmexport cabi_post_plugwright:plugin/transform@0.2.0#transform
func postTransform(unsafe.Pointer) { call.Unpin() }

//go:wasmimport plugwright:plugin/host@0.2.0 [constructor]map-resource
func newMapResource(entries *pair, entriesLen uint32) (handle uint32)

//go:wasmimport plugwright:plugin/host@0.2.0 log-structured
func hostLogStructured(message string, properties uint32)

// logStructured writes a line to the host's log. The map goes back to the host: a handle that is passed as
// `own` is not dropped here.
func logStructured(message string, properties []Pair) {
	entries := make([]pair, len(properties))
	for i, property := range properties {
		entries[i] = lowerPair(property)
	}
	hostLogStructured(message, newMapResource(unsafe.SliceData(entries), uint32(len(entries))))
}

func returned[T any](value T) unsafe.Pointer {
	*(*T)(unsafe.Pointer(&result)) = value
	return unsafe.Pointer(&result)
}

func failed[T any](index uint8, value T) unsafe.Pointer {
	failure := variant[T]{index: index, value: value}
	return returned(variant[variant[T]]{index: resultErr, value: failure})
}
