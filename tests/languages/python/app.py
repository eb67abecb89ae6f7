"""Counts the lines, words, characters and bytes of a text."""

import json
import re
from dataclasses import replace

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.transform import (
    Attribute,
    BadOption,
    Description,
    Document,
    Failure_BadOption,
    Failure_InvalidInput,
    Failure_UnknownOption,
    InvalidInput,
    Location,
    OptionDescription,
    Setting,
)
from wit_world.imports.host import MapResource, log_structured

COUNTS = ["lines", "words", "characters", "bytes"]
OUTPUTS = ["counts", "document"]
COUNTS_HELP = "what to count, separated by commas"
OUTPUT_HELP = (
    "`counts` for a JSON document of the counts, `document` for the document as it is, "
    "with the counts as attributes"
)

# Unicode's White_Space alone: `\s` and `str.split` take U+001C to U+001F for spaces, too.
WORD = re.compile("[^\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")


class Transform(exports.Transform):
    def describe(self) -> Description:
        return Description(
            name="count",
            version="0.1.0",
            summary="counts the lines, words, characters and bytes of a text",
            takes=["*/*"],
            gives=["application/json", "*/*"],
            options=[
                OptionDescription("counts", ",".join(COUNTS), COUNTS_HELP),
                OptionDescription("output", "counts", OUTPUT_HELP),
            ],
        )

    def transform(self, input: Document, options: list[Setting]) -> Document:
        chosen, output = read_options(options)
        tally = count(input.body)
        counts = {name: tally[name] for name in COUNTS if name in chosen}
        pairs = [(name, str(number)) for name, number in counts.items()]

        attributes = [kept for kept in input.attributes if kept.key not in counts]
        attributes += [Attribute(key, value) for key, value in pairs]
        log_structured("counted", MapResource(pairs))
        if output == "document":
            return replace(input, attributes=attributes)
        return Document(
            name=input.name.rsplit(".", 1)[0] + ".json",
            media_type="application/json",
            body=json.dumps(counts, separators=(",", ":")).encode() + b"\n",
            attributes=attributes,
        )


def read_options(options: list[Setting]) -> tuple[list[str], str]:
    """Reads the chosen counts and the output; the last setting of an option holds."""
    chosen, output = COUNTS, "counts"
    for option in options:
        if option.key == "counts":
            chosen = option.value.split(",")
            column = 1
            for name in chosen:
                check(option.key, name, COUNTS, Location(1, column))
                column += len(name) + 1
        elif option.key == "output":
            output = option.value
            check(option.key, output, OUTPUTS)
        else:
            raise Err(Failure_UnknownOption(option.key))
    return chosen, output


def check(key: str, value: str, known: list[str], at: Location | None = None) -> None:
    """Raises if an option has a value that it does not take."""
    if value not in known:
        message = f"`{value}` is none of " + ", ".join(f"`{name}`" for name in known)
        raise Err(Failure_BadOption(BadOption(key, message, at)))


def count(body: bytes) -> dict[str, int]:
    """Counts what is in the text, or raises where it is not UTF-8."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        valid = body[: error.start].decode()
        at = Location(valid.count("\n") + 1, len(valid) - valid.rfind("\n"))
        message = f"the byte 0x{body[error.start]:02x} is not UTF-8 here"
        raise Err(Failure_InvalidInput(InvalidInput(message, at))) from None
    return {
        "lines": text.count("\n") + (text != "" and not text.endswith("\n")),
        "words": sum(1 for _ in WORD.finditer(text)),
        "characters": len(text),
        "bytes": len(body),
    }
