// Counts the lines, words, characters and bytes of a text, in the world `transformer`.
//
// Who owns what: an exported function owns its arguments, so it hands on or frees each of them. What it
// gives is freed by the bindings, so all of that is from malloc. What it gives the host is only lent.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tally.h"
#include "transformer.h"

typedef transformer_string_t string_t;
typedef exports_transform_attribute_t attribute_t;
typedef exports_transform_bad_option_t bad_option_t;
typedef exports_transform_document_t document_t;
typedef exports_transform_failure_t failure_t;
typedef exports_transform_setting_t setting_t;

static const char *const names[COUNTS] = {"lines", "words", "characters", "bytes"};

typedef struct {
  bool wanted[COUNTS];
  bool gives_document;
} options_t;

// The counts that are wanted, as text.
typedef struct {
  size_t length;
  struct {
    const char *name;
    char value[sizeof "4294967295"];
  } of[COUNTS];
} counts_t;

static void *allocate(size_t size) {
  void *memory = malloc(size);
  if (!memory) abort(); // address 0 is memory like any other here: a write to it would not trap
  return memory;
}

static string_t copy(const char *text) {
  string_t string;
  transformer_string_dup(&string, text);
  return string;
}

static string_t take(string_t *string) {
  string_t taken = *string;
  *string = (string_t){};
  return taken;
}

// Strings of the host may hold a NUL, which printf's %s would end at.
static string_t surround(const char *before, string_t string, const char *after) {
  size_t start = strlen(before), rest = strlen(after);
  string_t whole = {allocate(start + string.len + rest), start + string.len + rest};
  memcpy(whole.ptr, before, start);
  memcpy(whole.ptr + start, string.ptr, string.len);
  memcpy(whole.ptr + start + string.len, after, rest);
  return whole;
}

static bool equals(string_t string, const char *text) {
  return string.len == strlen(text) && memcmp(string.ptr, text, string.len) == 0;
}

// Which count has this name: `COUNTS` if none has.
static int find(string_t name) {
  int count = 0;
  while (count < COUNTS && !equals(name, names[count])) count++;
  return count;
}

static bool read_counts(string_t value, options_t *options, bad_option_t *bad) {
  memset(options->wanted, 0, sizeof options->wanted);
  for (size_t start = 0, end; start <= value.len; start = end + 1) {
    for (end = start; end < value.len && value.ptr[end] != ',';) end++;
    string_t name = {value.ptr + start, end - start};
    int count = find(name);
    if (count == COUNTS) {
      bad->message = surround("`", name, "` is none of `lines`, `words`, `characters`, `bytes`");
      bad->at = (exports_transform_option_location_t){true, {1, start + 1}}; // all before it is ASCII
      return false;
    }
    options->wanted[count] = true;
  }
  return true;
}

static bool read_output(string_t value, options_t *options, bad_option_t *bad) {
  options->gives_document = equals(value, "document");
  if (options->gives_document || equals(value, "counts")) return true;
  bad->message = surround("`", value, "` is none of `counts`, `document`");
  return false;
}

static bool read_option(setting_t *setting, options_t *options, failure_t *failure) {
  bad_option_t bad = {};
  if (equals(setting->key, "counts")) {
    if (read_counts(setting->value, options, &bad)) return true;
  } else if (equals(setting->key, "output")) {
    if (read_output(setting->value, options, &bad)) return true;
  } else {
    *failure = (failure_t){EXPORTS_TRANSFORM_FAILURE_UNKNOWN_OPTION, {.unknown_option = take(&setting->key)}};
    return false;
  }
  bad.key = take(&setting->key);
  *failure = (failure_t){EXPORTS_TRANSFORM_FAILURE_BAD_OPTION, {.bad_option = bad}};
  return false;
}

static bool count(const document_t *input, tally_t *tally, failure_t *failure) {
  size_t valid = tally_text(input->body.ptr, input->body.len, tally);
  if (valid == input->body.len) return true;
  char message[40];
  snprintf(message, sizeof message, "the byte 0x%02x is not UTF-8 here", input->body.ptr[valid]);
  failure->tag = EXPORTS_TRANSFORM_FAILURE_INVALID_INPUT;
  failure->val.invalid_input = (exports_transform_invalid_input_t){copy(message), {true, {tally->line, tally->column}}};
  return false;
}

static counts_t wanted_counts(const tally_t *tally, const options_t *options) {
  counts_t counts = {};
  for (int i = 0; i < COUNTS; i++) {
    if (!options->wanted[i]) continue;
    counts.of[counts.length].name = names[i];
    snprintf(counts.of[counts.length++].value, sizeof counts.of->value, "%zu", tally->counts[i]);
  }
  return counts;
}

static void log_counts(counts_t counts) {
  transformer_tuple2_string_string_t pairs[COUNTS];
  for (size_t i = 0; i < counts.length; i++) {
    transformer_string_set(&pairs[i].f0, counts.of[i].name);
    transformer_string_set(&pairs[i].f1, counts.of[i].value);
  }
  string_t message;
  transformer_string_set(&message, "counted");
  host_own_map_resource_t map =
      host_constructor_map_resource(&(transformer_list_tuple2_string_string_t){pairs, counts.length});
  host_log_structured(&message, map); // the map is the host's now: it is not ours to drop
}

static void set_attributes(exports_transform_list_attribute_t *attributes, counts_t counts) {
  // Never `realloc` a list that came in: an empty one does not point to memory.
  attribute_t *all = allocate((attributes->len + COUNTS) * sizeof *all);
  size_t length = 0;
  for (size_t i = 0; i < attributes->len; i++) {
    bool counted = false;
    for (size_t j = 0; j < counts.length; j++) counted |= equals(attributes->ptr[i].key, counts.of[j].name);
    if (counted) {
      exports_transform_attribute_free(&attributes->ptr[i]);
    } else {
      all[length++] = attributes->ptr[i];
    }
  }
  for (size_t i = 0; i < counts.length; i++) {
    all[length++] = (attribute_t){copy(counts.of[i].name), copy(counts.of[i].value)};
  }
  if (attributes->len > 0) free(attributes->ptr);
  *attributes = (exports_transform_list_attribute_t){all, length};
}

static void replace_by_json(document_t *document, counts_t counts) {
  char json[128];
  size_t length = 0;
  for (size_t i = 0; i < counts.length; i++) {
    length += snprintf(json + length, sizeof json - length, "%c\"%s\":%s", i == 0 ? '{' : ',', counts.of[i].name,
                       counts.of[i].value);
  }
  length += snprintf(json + length, sizeof json - length, "}\n");

  string_t stem = document->name;
  while (stem.len > 0 && stem.ptr[stem.len - 1] != '.') stem.len--;
  stem.len = stem.len > 0 ? stem.len - 1 : document->name.len;
  string_t name = surround("", stem, ".json");
  transformer_string_free(&document->name);
  transformer_string_free(&document->media_type);
  transformer_list_u8_free(&document->body);
  document->name = name;
  document->media_type = copy("application/json");
  document->body = (transformer_list_u8_t){copy(json).ptr, length};
}

void exports_transform_describe(exports_transform_description_t *description) {
  *description = (exports_transform_description_t){
      .name = copy("count"),
      .version = copy("0.1.0"),
      .summary = copy("counts the lines, words, characters and bytes of a text"),
      .takes = {allocate(1 * sizeof(string_t)), 1},
      .gives = {allocate(2 * sizeof(string_t)), 2},
      .options = {allocate(2 * sizeof(exports_transform_option_description_t)), 2},
  };
  description->takes.ptr[0] = copy("*/*");
  description->gives.ptr[0] = copy("application/json");
  description->gives.ptr[1] = copy("*/*");
  description->options.ptr[0] = (exports_transform_option_description_t){
      .key = copy("counts"),
      .default_ = copy("lines,words,characters,bytes"),
      .help = copy("what to count, separated by commas"),
  };
  description->options.ptr[1] = (exports_transform_option_description_t){
      .key = copy("output"),
      .default_ = copy("counts"),
      .help = copy("`counts` for a JSON document of the counts, `document` for the document as it is, "
                   "with the counts as attributes"),
  };
}

bool exports_transform_transform(document_t *input, exports_transform_list_setting_t *settings, document_t *output,
                                 failure_t *failure) {
  options_t options = {.wanted = {true, true, true, true}};
  tally_t tally;
  bool ok = true;
  for (size_t i = 0; ok && i < settings->len; i++) ok = read_option(&settings->ptr[i], &options, failure);
  ok = ok && count(input, &tally, failure);
  exports_transform_list_setting_free(settings);
  if (!ok) {
    exports_transform_document_free(input);
    return false;
  }
  counts_t counts = wanted_counts(&tally, &options);
  log_counts(counts);
  *output = *input;
  set_attributes(&output->attributes, counts);
  if (!options.gives_document) replace_by_json(output, counts);
  return true;
}
