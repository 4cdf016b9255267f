#include "tests/support/admission_table.h"

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "capp/kinds.h"
#include "json/value.h"
#include "tests/support/places.h"
#include "yaml/convert.h"

namespace test {
namespace {

namespace bj = boost::json;

constexpr auto kColumns = std::to_array<std::string_view>(
    {"rule", "case", "config", "around", "before", "capp", "metadata", "refused"});
constexpr std::array kWays{kBySchema, kByWebhook, kByPolicy};

[[noreturn]] void refuse(const bj::object& row, std::string_view why) {
  throw std::runtime_error(fmt::format("admission.yaml: {}: {}", why, bj::serialize(row)));
}

std::optional<bj::object> object_at(const bj::object& row, std::string_view column) {
  const auto* found = json::object_at(row, {column});
  return found != nullptr ? std::optional(*found) : std::nullopt;
}

bj::object capp_with(std::string_view name, const bj::object& spec, const bj::object& metadata) {
  return a_capp(name, bj::serialize(bj::object{{"spec", spec}, {"metadata", metadata}}));
}

std::map<std::string, std::string, std::less<>> refusals(const bj::object& row) {
  const auto* given = json::object_at(row, {"refused"});
  if (given == nullptr) refuse(row, "says not by whom it is refused");
  std::map<std::string, std::string, std::less<>> refused;
  for (const auto& [way, words] : *given) {
    if (std::ranges::find(kWays, std::string_view(way)) == kWays.end())
      refuse(row, "names a way that is none");
    refused.emplace(way, words.as_string());
  }
  if (const auto schema = refused.find(kBySchema); schema != refused.end()) {
    if (refused.size() > 1) refuse(row, "what the schema says is said each way");
    const std::string words = schema->second;
    for (const auto way : kWays) refused.insert_or_assign(std::string(way), words);
  }
  return refused;
}

AdmissionCase read_case(const bj::object& row, std::string_view capp_name) {
  for (const auto& [column, value] : row) {
    if (std::ranges::find(kColumns, std::string_view(column)) == kColumns.end())
      refuse(row, "has an unknown column");
  }
  const auto spec = object_at(row, "capp");
  if (!spec || json::string_at(row, {"rule"}).empty() || json::string_at(row, {"case"}).empty()) {
    refuse(row, "lacks rule, case or capp");
  }
  AdmissionCase read{
      .rule = std::string(json::string_at(row, {"rule"})),
      .name = std::string(json::string_at(row, {"case"})),
      .config = object_at(row, "config"),
      .capp = capp_with(capp_name, *spec, json::object_or_empty(row, {"metadata"})),
      .refused = refusals(row),
  };
  if (const auto before = object_at(row, "before")) read.before = capp_with(capp_name, *before, {});
  if (const auto* around = json::array_at(row, {"around"})) {
    for (const auto& object : *around) read.around.push_back(object.as_object());
  }
  return read;
}

net::Request dry_run(net::Method method, std::string target, std::string_view type,
                     const bj::value& body) {
  return {.method = method,
          .target = std::move(target) + "?dryRun=All&fieldValidation=Strict",
          .headers = {{"Content-Type", std::string(type)}, {"Accept", "application/json"}},
          .body = bj::serialize(body)};
}

net::Request creation(const Cluster& cluster, const bj::object& capp) {
  return dry_run(net::Method::kPost, capp::kCapp.collection_path(cluster.ns), "application/json",
                 capp);
}

// An update says what the object is to be, whoever wrote it last: other controllers may be at it.
net::Request request_for(const Cluster& cluster, const AdmissionCase& asked) {
  if (!asked.before) return creation(cluster, asked.capp);
  bj::array patch{{{"op", "replace"}, {"path", "/spec"}, {"value", asked.capp.at("spec")}}};
  if (const auto* annotations = json::object_at(asked.capp, {"metadata", "annotations"})) {
    patch.push_back(
        bj::object{{"op", "add"}, {"path", "/metadata/annotations"}, {"value", *annotations}});
  }
  return dry_run(net::Method::kPatch,
                 capp::kCapp.object_path(cluster.key(at(asked.capp, "/metadata/name"))),
                 "application/json-patch+json", patch);
}

}  // namespace

std::vector<AdmissionCase> admission_table() {
  const auto rows = yaml::parse(read_file(in_source("tests/apiserver/data/admission.yaml")));
  if (!rows) throw std::runtime_error(rows.error().describe());
  std::vector<AdmissionCase> cases;
  std::set<std::string> titles;
  for (const auto& row : rows->as_array()) {
    cases.push_back(read_case(row.as_object(), fmt::format("case-{}", cases.size())));
    if (!titles.insert(cases.back().title()).second) refuse(row.as_object(), "is there twice");
  }
  return cases;
}

base::Result<Api::Object> ask_for(Cluster& cluster, const bj::object& capp) {
  return cluster.api.try_send(creation(cluster, capp));
}

std::string refusal_of(Cluster& cluster, const bj::object& capp) {
  const auto answer = ask_for(cluster, capp);
  return answer ? std::string() : answer.error().describe();
}

void store_before(Cluster& cluster, const std::vector<AdmissionCase>& cases) {
  std::vector<Api::Object> capps;
  for (const auto& each : cases) {
    if (each.before) capps.push_back(*each.before);
  }
  cluster.api.create_all(capp::kCapp, cluster.ns, capps);
}

testing::AssertionResult answered(Cluster& cluster, const AdmissionCase& asked,
                                  std::string_view way) {
  const auto answer = cluster.api.try_send(request_for(cluster, asked));
  const std::string said = answer ? "accepted" : answer.error().describe();
  const auto expected = asked.refused.find(way);
  const bool as_expected = expected == asked.refused.end()
                               ? answer.has_value()
                               : !answer && said.contains(expected->second);
  if (as_expected) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << asked.title() << ": " << said << ", not "
         << (expected == asked.refused.end() ? "accepted" : expected->second);
}

}  // namespace test
