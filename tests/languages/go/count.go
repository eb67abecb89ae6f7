// Counts the lines, words, characters and bytes of a text.
package main

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// countNames is what there is to count, in the order in which it is told.
var countNames = []string{"lines", "words", "characters", "bytes"}

func describe() Description {
	return Description{
		Name:    "count",
		Version: "0.1.0",
		Summary: "counts the lines, words, characters and bytes of a text",
		Takes:   []string{"*/*"},
		Gives:   []string{"application/json", "*/*"},
		Options: []Option{
			{"counts", strings.Join(countNames, ","), "what to count, separated by commas"},
			{"output", "counts", "`counts` for a JSON document of the counts, " +
				"`document` for the document as it is, with the counts as attributes"},
		},
	}
}

func transform(document Document, settings []Pair) (Document, error) {
	chosen, output, err := readOptions(settings)
	if err != nil {
		return Document{}, err
	}
	tally, err := tallyOf(document.Body)
	if err != nil {
		return Document{}, err
	}
	var counts []Pair
	for _, name := range countNames {
		if slices.Contains(chosen, name) {
			counts = append(counts, Pair{name, strconv.Itoa(tally[name])})
		}
	}
	logStructured("counted", counts)

	isReplaced := func(attribute Pair) bool { return slices.Contains(chosen, attribute.Key) }
	document.Attributes = append(slices.DeleteFunc(document.Attributes, isReplaced), counts...)
	if output == "counts" {
		stem := document.Name
		if dot := strings.LastIndexByte(stem, '.'); dot >= 0 {
			stem = stem[:dot]
		}
		document.Name = stem + ".json"
		document.MediaType = "application/json"
		document.Body = json(counts)
	}
	return document, nil
}

// readOptions reads the options; the last setting of an option counts.
func readOptions(settings []Pair) (chosen []string, output string, err error) {
	chosen, output = countNames, "counts"
	for _, setting := range settings {
		switch setting.Key {
		case "counts":
			chosen = strings.Split(setting.Value, ",")
			column := 1
			for _, name := range chosen {
				if !slices.Contains(countNames, name) {
					message := fmt.Sprintf("`%s` is none of `%s`", name, strings.Join(countNames, "`, `"))
					return nil, "", BadOption{setting.Key, message, &Location{1, uint32(column)}}
				}
				// What stands before a name that is none is ASCII, a byte a character.
				column += len(name) + len(",")
			}
		case "output":
			output = setting.Value
			if output != "counts" && output != "document" {
				message := fmt.Sprintf("`%s` is none of `counts`, `document`", output)
				return nil, "", BadOption{setting.Key, message, nil}
			}
		default:
			return nil, "", UnknownOption{setting.Key}
		}
	}
	return chosen, output, nil
}

// tallyOf counts what is in the text, or says where it is not UTF-8.
func tallyOf(text []byte) (map[string]int, error) {
	words, characters, inWord := 0, 0, false
	for at := 0; at < len(text); {
		character, size := utf8.DecodeRune(text[at:])
		if character == utf8.RuneError && size == 1 {
			before := text[:at]
			line := 1 + bytes.Count(before, []byte("\n"))
			column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
			message := fmt.Sprintf("the byte 0x%02x is not UTF-8 here", text[at])
			return nil, InvalidInput{message, &Location{uint32(line), uint32(column)}}
		}
		// Go's notion is the contract's: Unicode's White_Space and no more.
		isSpace := unicode.IsSpace(character)
		if !isSpace && !inWord {
			words++
		}
		inWord = !isSpace
		characters++
		at += size
	}
	lines := bytes.Count(text, []byte("\n"))
	if len(text) > 0 && text[len(text)-1] != '\n' {
		lines++
	}
	return map[string]int{"lines": lines, "words": words, "characters": characters, "bytes": len(text)}, nil
}

// json is an object on a line of its own: the names are plain words, and the values numbers.
func json(counts []Pair) []byte {
	members := make([]string, len(counts))
	for i, count := range counts {
		members[i] = fmt.Sprintf("%q:%s", count.Key, count.Value)
	}
	return fmt.Appendf(nil, "{%s}\n", strings.Join(members, ","))
}

// main is never called: the host calls what abi.go exports.
func main() {}
