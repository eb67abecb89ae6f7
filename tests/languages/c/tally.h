// Counting, which knows nothing of plugins.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { LINES, WORDS, CHARACTERS, BYTES, COUNTS };

typedef struct {
  size_t counts[COUNTS];
  uint32_t line, column; // where the next character stands, from 1
} tally_t;

// Counts up to the first byte that is not UTF-8, and gives how many bytes that is: all of them if there is none.
size_t tally_text(const uint8_t *text, size_t length, tally_t *tally);
