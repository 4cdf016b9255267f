#pragma once
// Reading the values of one configuration object: each that cannot be used is noted, and none is
// taken for another.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "capp/config.h"

namespace capp {

// A form that a text must have.
struct ConfigRule {
  bool (*holds)(std::string_view text) = nullptr;
  std::string_view text;  // "must be …", for people
};

// Ends in '.'; lower case, since it becomes part of object names.
extern const ConfigRule kZoneRule;
// With or without a final dot, in upper or lower case.
extern const ConfigRule kDnsNameRule;
// The name of an object.
extern const ConfigRule kObjectNameRule;
// The name of a kind of objects, such as ClusterIssuer.
extern const ConfigRule kKindRule;
extern const ConfigRule kApiGroupRule;
// A regular expression of RE2.
extern const ConfigRule kPatternRule;
// An amount of a resource; not negative.
extern const ConfigRule kQuantityRule;

// Some keys of a configuration object, each read once. Not for keeping: it refers to the object and
// to the list of problems.
class ConfigReader {
 public:
  // `about` is a problem with what is the same for all of them: `of`, `object` and, as the
  // beginning of its key, the path of these keys ("spec.dnsConfig.", or nothing).
  ConfigReader(const boost::json::object& values, ConfigProblem about,
               std::vector<ConfigProblem>& problems)
      : values_(values), about_(std::move(about)), problems_(problems) {}

  [[nodiscard]] bool has(std::string_view key) const { return values_.contains(key); }
  // The keys below `key`; none where there is no such object.
  [[nodiscard]] ConfigReader below(std::string_view key) const;
  // The keys of each object in the list of `key`; none where there is no such list.
  [[nodiscard]] std::vector<ConfigReader> elements(std::string_view key) const;

  // Replaces `value` by that of `key`, a number or the text of one, from `minimum` to the greatest
  // number of 32 bits. Leaves it where the key is absent.
  void number(std::string_view key, std::int64_t minimum, std::int64_t& value) const;
  // The same of a key whose absence means something of its own.
  void number(std::string_view key, std::int64_t minimum, std::optional<std::int64_t>& value) const;
  // Likewise a text that follows the rule.
  void text(std::string_view key, const ConfigRule& rule, std::string& value) const;
  // The same of a key that has no built-in value: that it is absent is a problem.
  void required_text(std::string_view key, const ConfigRule& rule, std::string& value) const;
  // Any text, for people; empty where the key is absent.
  [[nodiscard]] std::string words(std::string_view key) const;

 private:
  [[nodiscard]] std::optional<std::string> find(std::string_view key) const;
  void note(std::string_view key, std::optional<std::string> value, std::string rule) const;

  const boost::json::object& values_;
  ConfigProblem about_;
  std::vector<ConfigProblem>& problems_;
};

}  // namespace capp
