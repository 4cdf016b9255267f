#include "capp/revisions.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
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

// Clients of one generation drop the fields of the other, and the schema's defaults come back: no
// change that anybody made.
boost::json::object without_defaults(boost::json::object spec) {
  if (json::string_at(spec, {"scaleMetric"}) == to_string(Metric::kConcurrency)) {
    spec.erase("scaleMetric");
  }
  if (json::string_at(spec, {"state"}) == to_string(State::kEnabled)) spec.erase("state");
  return spec;
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
  // An empty label or annotation says something by being there, so only the spec is reduced.
  const boost::json::object compared{
      {"cappSpec",
       json::significant(without_defaults(json::object_or_empty(capp_template, {"cappSpec"})))},
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
