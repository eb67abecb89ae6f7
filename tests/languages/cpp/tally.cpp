#include "tally.hpp"

#include <optional>

namespace {

struct Character {
  char32_t scalar;
  std::size_t length;
};

// Decodes the first character, if it is UTF-8.
std::optional<Character> decode(std::span<const std::uint8_t> text) {
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const auto lead = text[0];
  if (lead < 0x80) return Character{lead, 1};
  const std::size_t length = lead < 0xC0 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF8 ? 4 : 0;
  if (length == 0 || length > text.size()) return std::nullopt;
  char32_t scalar = lead & (0x7F >> length);
  for (const auto byte : text.subspan(1, length - 1)) {
    if ((byte & 0xC0) != 0x80) return std::nullopt;
    scalar = scalar << 6 | (byte & 0x3F);
  }
  const bool overlong = scalar < least[length];
  const bool surrogate = 0xD800 <= scalar && scalar <= 0xDFFF;
  if (overlong || surrogate || scalar > 0x10FFFF) return std::nullopt;
  return Character{scalar, length};
}

// Unicode's White_Space as the contract spells it out, since what `std::iswspace` takes is up to the library.
constexpr bool is_white_space(char32_t c) {
  return (0x09 <= c && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (0x2000 <= c && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

} // namespace

std::expected<Tally, NotUtf8> tally(std::span<const std::uint8_t> text) {
  std::size_t words = 0, characters = 0;
  std::uint32_t line = 1, column = 1;
  bool in_word = false;
  for (auto rest = text; !rest.empty();) {
    const auto character = decode(rest);
    if (!character) return std::unexpected(NotUtf8{rest[0], line, column});
    rest = rest.subspan(character->length);
    const bool space = is_white_space(character->scalar);
    words += !space && !in_word;
    in_word = !space;
    ++characters;
    if (character->scalar == U'\n') {
      ++line;
      column = 1;
    } else {
      ++column;
    }
  }
  const std::size_t lines = column == 1 ? line - 1 : line; // the last line counts without a line feed, too
  return Tally{lines, words, characters, text.size()};
}
