// Counts the lines, words, characters and bytes of a text, in the world `transformer`.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "tally.hpp"
#include "transformer_cpp.h"

namespace exports::plugwright::plugin::transform {
namespace {

namespace host = ::plugwright::plugin::host;

struct Options {
  std::array<bool, count_names.size()> wanted{true, true, true, true};
  bool gives_document = false;
};

// Why an option does not take a value, and where in it, if that can be said.
struct Wrong {
  std::string message;
  std::optional<Location> at;
};

wit::string own(std::string_view text) { return wit::string::from_view(text); }

template <class T> wit::vector<T> own(std::vector<T> items) {
  auto list = wit::vector<T>::allocate(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) list.initialize(i, std::move(items[i]));
  return list;
}

std::expected<void, Wrong> read_counts(std::string_view value, Options &options) {
  options.wanted.fill(false);
  for (std::size_t start = 0; start <= value.size();) {
    const auto name = value.substr(start, value.find(',', start) - start);
    const auto found = std::ranges::find(count_names, name);
    if (found == count_names.end()) {
      const auto column = static_cast<std::uint32_t>(start + 1); // the names before it are ASCII
      return std::unexpected(Wrong{"`" + std::string(name) + "` is none of `lines`, `words`, `characters`, `bytes`",
                                   Location{1, column}});
    }
    options.wanted[found - count_names.begin()] = true;
    start += name.size() + 1;
  }
  return {};
}

std::expected<void, Wrong> read_output(std::string_view value, Options &options) {
  options.gives_document = value == "document";
  if (options.gives_document || value == "counts") return {};
  return std::unexpected(Wrong{"`" + std::string(value) + "` is none of `counts`, `document`", std::nullopt});
}

std::expected<Options, Failure> read_options(std::span<const Setting> settings) {
  Options options;
  for (const auto &setting : settings) {
    const auto key = setting.key.get_view(), value = setting.value.get_view();
    std::expected<void, Wrong> read;
    if (key == "counts") {
      read = read_counts(value, options);
    } else if (key == "output") {
      read = read_output(value, options);
    } else {
      return std::unexpected(Failure{Failure::UnknownOption{own(key)}});
    }
    if (!read) {
      return std::unexpected(Failure{Failure::BadOption{{own(key), own(read.error().message), read.error().at}}});
    }
  }
  return options;
}

Failure refused(const NotUtf8 &error) {
  std::array<char, 2> hex; // no byte below 0x80 is refused, so there are two digits
  std::to_chars(hex.data(), hex.data() + hex.size(), error.byte, 16);
  const auto message = "the byte 0x" + std::string(hex.begin(), hex.end()) + " is not UTF-8 here";
  return {Failure::InvalidInput{{own(message), Location{error.line, error.column}}}};
}

using Counts = std::vector<std::pair<std::string_view, std::string>>;

std::string json(const Counts &counts) {
  std::string object;
  for (const auto &[name, value] : counts) {
    object += object.empty() ? "{\"" : ",\"";
    object.append(name).append("\":").append(value);
  }
  return object + "}\n";
}

} // namespace

Description Describe() {
  return {
      .name = own("count"),
      .version = own("0.1.0"),
      .summary = own("counts the lines, words, characters and bytes of a text"),
      .takes = own(std::vector{own("*/*")}),
      .gives = own(std::vector{own("application/json"), own("*/*")}),
      .options = own(std::vector<OptionDescription>{
          {own("counts"), own("lines,words,characters,bytes"), own("what to count, separated by commas")},
          {own("output"), own("counts"),
           own("`counts` for a JSON document of the counts, `document` for the document as it is, with the counts "
               "as attributes")},
      }),
  };
}

std::expected<Document, Failure> Transform(Document input, wit::vector<Setting> settings) {
  auto options = read_options(settings.get_const_view());
  if (!options) return std::unexpected(std::move(options.error()));
  const auto tallied = tally(input.body.get_const_view());
  if (!tallied) return std::unexpected(refused(tallied.error()));

  Counts counts;
  for (std::size_t i = 0; i < count_names.size(); ++i) {
    if (options->wanted[i]) counts.emplace_back(count_names[i], std::to_string((*tallied)[i]));
  }
  std::vector<std::tuple<std::string_view, std::string_view>> entries(counts.begin(), counts.end());
  host::LogStructured("counted", host::MapResource(entries));

  std::vector<Attribute> attributes;
  for (auto &attribute : input.attributes.get_view()) {
    const auto counted = std::ranges::contains(counts, attribute.key.get_view(), &Counts::value_type::first);
    if (!counted) attributes.push_back(std::move(attribute));
  }
  for (const auto &[name, value] : counts) attributes.push_back({own(name), own(value)});

  // The result is made anew: to assign to a `wit::vector` leaks what is in its old elements.
  if (options->gives_document) {
    return Document{std::move(input.name), std::move(input.media_type), std::move(input.body),
                    own(std::move(attributes))};
  }
  const auto name = input.name.get_view();
  const auto body = json(counts);
  return Document{own(std::string(name.substr(0, name.rfind('.'))) + ".json"), own("application/json"),
                  wit::vector<std::uint8_t>::from_view(std::span(body)), own(std::move(attributes))};
}

} // namespace exports::plugwright::plugin::transform
