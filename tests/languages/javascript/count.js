// Counts the lines, words, characters and bytes of a text, in the world `transformer`.

import { MapResource, logStructured } from "plugwright:plugin/host@0.2.0";

const COUNTS = ["lines", "words", "characters", "bytes"];
const OUTPUTS = ["counts", "document"];

// Unicode's White_Space. The `\s` of JavaScript has U+FEFF too, and lacks U+0085.
const WHITE_SPACE = new Set([
  0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x85, 0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004,
  0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000,
]);

// The interface `transform`, whose functions are `describe` and `transform`.
export const transform = {
  describe() {
    const output =
      "`counts` for a JSON document of the counts, " +
      "`document` for the document as it is, with the counts as attributes";
    return {
      name: "count",
      version: "0.1.0",
      summary: "counts the lines, words, characters and bytes of a text",
      takes: ["*/*"],
      gives: ["application/json", "*/*"],
      options: [
        { key: "counts", default: COUNTS.join(","), help: "what to count, separated by commas" },
        { key: "output", default: "counts", help: output },
      ],
    };
  },

  // A failure is thrown: what is thrown is the error of the result.
  transform(input, settings) {
    const { wanted, output } = readOptions(settings);
    const tally = count(input.body);
    const counts = wanted.map((name) => [name, String(tally[name])]);
    const kept = input.attributes.filter(({ key }) => !wanted.includes(key));
    const attributes = [...kept, ...counts.map(([key, value]) => ({ key, value }))];

    // The map is the host's from here on: using it again would throw.
    logStructured("counted", new MapResource(counts));

    if (output === "document") return { ...input, attributes };
    const json = JSON.stringify(tally, wanted) + "\n";
    return {
      name: input.name.replace(/\.[^.]*$/, "") + ".json",
      mediaType: "application/json",
      body: Uint8Array.from(json, (character) => character.charCodeAt(0)),
      attributes,
    };
  },
};

function readOptions(settings) {
  let wanted = COUNTS;
  let output = "counts";
  for (const { key, value } of settings) {
    if (key === "counts") {
      const names = value.split(",");
      let column = 1;
      for (const name of names) {
        if (!COUNTS.includes(name)) throw badOption(key, name, COUNTS, { line: 1, column });
        column += name.length + 1;
      }
      wanted = COUNTS.filter((name) => names.includes(name));
    } else if (key === "output") {
      if (!OUTPUTS.includes(value)) throw badOption(key, value, OUTPUTS);
      output = value;
    } else {
      throw { tag: "unknown-option", val: key };
    }
  }
  return { wanted, output };
}

function badOption(key, value, allowed, at) {
  const message = `\`${value}\` is none of \`${allowed.join("`, `")}\``;
  return { tag: "bad-option", val: { key, message, at } };
}

function count(body) {
  // The engine interprets: a byte, the length or a set is looked at as seldom as can be.
  const bytes = body.length;
  let lines = 0;
  let words = 0;
  let characters = 0;
  let lineStart = 0;
  let inWord = false;
  for (let index = 0; index < bytes; characters++) {
    const byte = body[index];
    const character = byte < 0x80 ? byte : codePointAt(body, index);
    if (character < 0) {
      const message = `the byte 0x${byte.toString(16)} is not UTF-8 here`;
      const at = { line: lines + 1, column: characters - lineStart + 1 };
      throw { tag: "invalid-input", val: { message, at } };
    }
    index += character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;

    const isVisibleAscii = character > 0x20 && character < 0x7f;
    const isWhiteSpace = !isVisibleAscii && WHITE_SPACE.has(character);
    if (!isWhiteSpace && !inWord) words++;
    inWord = !isWhiteSpace;
    if (character === 0x0a) {
      lines++;
      lineStart = characters + 1;
    }
  }
  if (characters > lineStart) lines++;
  return { lines, words, characters, bytes };
}

// The engine has no TextDecoder. Gives -1 where the bytes are not UTF-8.
function codePointAt(body, index) {
  const lead = body[index];
  if (lead < 0xc2 || lead > 0xf4) return -1;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  let codePoint = lead & (0x7f >> length);
  for (let next = index + 1; next < index + length; next++) {
    // Beyond the end it is `undefined`, which is no such byte either.
    if ((body[next] & 0xc0) !== 0x80) return -1;
    codePoint = (codePoint << 6) | (body[next] & 0x3f);
  }
  const isOverlong = codePoint < (length === 2 ? 0x80 : length === 3 ? 0x800 : 0x10000);
  const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  return isOverlong || isSurrogate || codePoint > 0x10ffff ? -1 : codePoint;
}
