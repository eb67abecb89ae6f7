#include "tally.h"

#include <stdbool.h>

// Unicode's White_Space as the contract spells it out, since what `iswspace` takes is up to the C library.
static bool is_white_space(uint32_t c) {
  return (0x09 <= c && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (0x2000 <= c && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

// Decodes the first character. Gives its length in bytes, or 0 if it is not UTF-8.
static size_t decode(const uint8_t *text, size_t length, uint32_t *character) {
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  uint8_t lead = text[0];
  if (lead < 0x80) {
    *character = lead;
    return 1;
  }
  size_t needed = lead < 0xC0 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF8 ? 4 : 0;
  if (needed == 0 || needed > length) return 0;
  uint32_t c = lead & (0x7F >> needed);
  for (size_t i = 1; i < needed; i++) {
    if ((text[i] & 0xC0) != 0x80) return 0;
    c = c << 6 | (text[i] & 0x3F);
  }
  bool overlong = c < least[needed], surrogate = 0xD800 <= c && c <= 0xDFFF;
  if (overlong || surrogate || c > 0x10FFFF) return 0;
  *character = c;
  return needed;
}

size_t tally_text(const uint8_t *text, size_t length, tally_t *tally) {
  *tally = (tally_t){.line = 1, .column = 1};
  bool in_word = false;
  uint32_t character;
  for (size_t at = 0, step; at < length; at += step) {
    step = decode(text + at, length - at, &character);
    if (step == 0) return at;
    bool space = is_white_space(character);
    tally->counts[WORDS] += !space && !in_word;
    in_word = !space;
    tally->counts[CHARACTERS]++;
    if (character == '\n') tally->line++;
    tally->column = character == '\n' ? 1 : tally->column + 1;
  }
  // The last line counts without a line feed, too.
  tally->counts[LINES] = tally->column == 1 ? tally->line - 1 : tally->line;
  tally->counts[BYTES] = length;
  return length;
}
