#include "capp/revisions.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/hash.h"
#include "base/quantity.h"
#include "capp/body.h"
#include "capp/kinds.h"
#include "capp/names.h"
#include "json/canonical.h"
#include "json/parse.h"
#include "json/value.h"

namespace capp {
namespace {

// A CappRevision as revision_projection() keeps it.
struct Entry {
  object::RecordPtr record;
  std::int64_t number = 0;
  std::string content{};  // template_hash
};

Entry read_entry(const object::RecordPtr& record) {
  Entry entry{.record = record};
  const auto body = json::parse(record->body);
  if (!body || !body->is_object()) return entry;
  entry.number = json::int_at(body->get_object(), {"number"}).value_or(0);
  entry.content = json::string_at(*body, {"template"});
  return entry;
}

// Oldest first. By number: creation times have a resolution of one second.
std::vector<Entry> read_entries(const World& world) {
  std::vector<Entry> entries;
  for (const auto& record : world.all(kCappRevision)) entries.push_back(read_entry(record));
  std::ranges::sort(entries, {}, &Entry::number);
  return entries;
}

object::Wanted new_revision(const Capp& capp, std::int64_t number, boost::json::object content) {
  const std::string name = revision_name(capp.key.name, number);
  auto body = child_body(capp, kCappRevision, name);
  body["metadata"].as_object()["labels"].as_object()[kCappNameLabel] = capp.key.name;
  body["spec"] = {{"revisionNumber", number}, {"cappTemplate", std::move(content)}};
  return {
      .kind = &kCappRevision, .key = {.ns = capp.key.ns, .name = name}, .body = std::move(body)};
}

object::Unwanted removal(const object::Record& record) {
  return {.kind = &kCappRevision, .key = record.key, .uid = record.uid};
}

// What an absent field of a Capp's spec means.
const boost::json::object& spec_defaults() {
  static const boost::json::object defaults{
      {"scaleMetric", to_string(Metric::kConcurrency)},
      {"state", to_string(State::kEnabled)},
      {"minReplicas", 0},
      {"scaleSpec", {{"minReplicas", 0}, {"scaleDelaySeconds", 0}}},
      {"routeSpec", {{"tlsEnabled", false}}},
  };
  return defaults;
}

// Clients of one generation drop the fields of the other, typed Go clients drop false and 0, and
// the schema's defaults come back: no change that anybody made.
void remove_defaults(boost::json::object& spec, const boost::json::object& defaults) {
  for (const auto& [key, value] : defaults) {
    auto* given = spec.if_contains(key);
    if (given == nullptr) continue;
    if (given->is_object() && value.is_object()) {
      remove_defaults(given->get_object(), value.get_object());
    } else if (json::equal(*given, value)) {
      spec.erase(key);
    }
  }
}

// As a person would write it; Boost writes 0.5 as 5E-1, which is another notation of a quantity.
std::string text_of(const boost::json::value& amount) {
  if (amount.is_string()) return std::string(amount.get_string());
  if (amount.is_double()) return fmt::format("{}", amount.get_double());
  return boost::json::serialize(amount);
}

boost::json::value canonical_amount(const boost::json::value& amount) {
  const auto quantity = base::Quantity::parse(text_of(amount));
  return quantity ? boost::json::value(quantity->to_string()) : amount;
}

// The fields of a pod and of a volume that hold amounts by name.
constexpr std::array<std::string_view, 3> kAmounts{"limits", "requests", "capacity"};

// A typed Go client writes "1000m" as "1": no change either.
void spell_amounts(boost::json::value& value) {
  if (auto* array = value.if_array()) std::ranges::for_each(*array, spell_amounts);
  auto* object = value.if_object();
  if (object == nullptr) return;
  for (auto& [key, member] : *object) {
    const std::string_view name = key;
    if (!member.is_object() || std::ranges::find(kAmounts, name) == kAmounts.end()) {
      spell_amounts(member);
      continue;
    }
    for (auto& [unit, amount] : member.get_object()) amount = canonical_amount(amount);
  }
}

// Only the spec is reduced: an empty label or annotation says something by being there.
boost::json::value comparable_spec(const boost::json::object& capp_template) {
  auto spec = json::object_or_empty(capp_template, {"cappSpec"});
  remove_defaults(spec, spec_defaults());
  auto comparable = json::significant(spec);
  spell_amounts(comparable);
  return comparable;
}

}  // namespace

boost::json::object capp_template(const Capp& capp) {
  boost::json::object content{{"cappSpec", capp.raw_spec}};
  if (!capp.labels.empty()) content.emplace("labels", capp.labels);
  if (!capp.annotations.empty()) content.emplace("annotations", capp.annotations);
  return content;
}

std::string template_hash(const boost::json::object& capp_template) {
  auto annotations = without_kubectl(json::object_or_empty(capp_template, {"annotations"}));
  annotations.erase(kLastUpdatedByAnnotation);
  const boost::json::object compared{
      {"cappSpec", comparable_spec(capp_template)},
      {"labels", json::object_or_empty(capp_template, {"labels"})},
      {"annotations", std::move(annotations)},
  };
  return base::sha256_hex128(json::canonical(compared));
}

History plan_history(const World& world) {
  auto entries = read_entries(world);
  const std::int64_t last = entries.empty() ? 0 : entries.back().number;
  const auto ownership = revision_ownership(world.capp);
  std::erase_if(entries, [&](const Entry& entry) {
    return entry.record->terminating ||
           object::is_ours(*entry.record, ownership, {}) != object::Ours::kYes;
  });

  History history;
  auto content = capp_template(world.capp);
  if (entries.empty() || entries.back().content != template_hash(content)) {
    history.create = new_revision(world.capp, last + 1, std::move(content));
  }
  const auto limit = static_cast<std::size_t>(world.config.revision_history_limit);
  const std::size_t kept = history.create ? limit - 1 : limit;
  for (std::size_t i = 0; i + kept < entries.size(); ++i) {
    history.prune.push_back(removal(*entries[i].record));
  }
  return history;
}

}  // namespace capp
