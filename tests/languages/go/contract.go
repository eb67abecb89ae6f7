package main

// The types of the contract's interface `transform`, as Go has them. Their documentation is in the contract.

// A Pair is an attribute, a setting or a field of a log line: a record of two strings.
type Pair struct{ Key, Value string }

type Document struct {
	Name, MediaType string
	Body            []byte
	Attributes      []Pair
}

type Location struct{ Line, Column uint32 }

// InvalidInput, UnknownOption and BadOption are the failures that a plugin may give as an error. Any other
// error is `internal`: the plugin is at fault.
type InvalidInput struct {
	Message string
	At      *Location // nil if it cannot be said
}

type UnknownOption struct{ Key string }

type BadOption struct {
	Key, Message string
	At           *Location // nil if it cannot be said
}

func (e InvalidInput) Error() string  { return e.Message }
func (e UnknownOption) Error() string { return "unknown option " + e.Key }
func (e BadOption) Error() string     { return e.Key + ": " + e.Message }

type Option struct{ Key, Default, Help string }

type Description struct {
	Name, Version, Summary string
	Takes, Gives           []string
	Options                []Option
}
