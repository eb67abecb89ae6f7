// Counting, which knows nothing of plugins.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string_view>

constexpr std::array<std::string_view, 4> count_names{"lines", "words", "characters", "bytes"};

// The counts of a text, in the order of their names.
using Tally = std::array<std::size_t, count_names.size()>;

// The first byte that is not UTF-8, and where it stands, from 1.
struct NotUtf8 {
  std::uint8_t byte;
  std::uint32_t line, column;
};

std::expected<Tally, NotUtf8> tally(std::span<const std::uint8_t> text);
