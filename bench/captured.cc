#include "bench/captured.h"

#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include "capp/children/table.h"
#include "capp/kinds.h"
#include "capp/projections.h"
#include "json/parse.h"
#include "json/value.h"

namespace bench {
namespace {

using object::Kind;
using object::Projection;

// How a store would keep the object of an event.
std::pair<const Kind*, Projection> reader_of(const std::string& line) {
  const auto event = json::parse(line).value();
  const std::string_view api_version = json::string_at(event, {"object", "apiVersion"});
  const std::string_view kind = json::string_at(event, {"object", "kind"});
  if (kind == capp::kCappRevision.kind) return {&capp::kCappRevision, capp::revision_projection()};
  for (const auto* child : capp::children()) {
    if (child->kind().kind == kind && child->kind().api_version() == api_version) {
      return {&child->kind(), child->projection()};
    }
  }
  throw std::runtime_error("nobody reads a " + std::string(kind));
}

}  // namespace

const std::vector<std::string>& lines_of(std::string_view file) {
  static std::map<std::string_view, std::vector<std::string>> files;
  auto& lines = files[file];
  if (lines.empty()) {
    std::ifstream input(std::string(CAPP_BENCH_DATA "/").append(file));
    for (std::string line; std::getline(input, line);) lines.push_back(line);
  }
  return lines;
}

json::Filter event_filter(const Projection& projection) {
  return projection.filter.within("/object", {"/type"});
}

boost::json::value object_of(const std::string& line, const Projection& projection) {
  return json::parse(line, event_filter(projection)).value().at("object");
}

object::OwnedSetPool& pool() {
  static object::OwnedSetPool shared;
  return shared;
}

object::RecordPtr record_of(const std::string& line, const Projection& projection) {
  return object::read_record(object_of(line, projection), projection, pool()).value();
}

capp::World world_of(std::string_view file) {
  const auto& lines = lines_of(file);
  const auto record = record_of(lines.front(), capp::capp_projection());
  capp::World world{.capp = capp::read_capp(*record).value(),
                    .config = {.dns = capp::Dns{.zone = "bench.example.com.",
                                                .cname = "ingress.bench.example.com."}},
                    .now = "2026-11-23T05:00:00Z"};
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto [kind, projection] = reader_of(lines[i]);
    world.observed.push_back({kind, {record_of(lines[i], projection)}});
  }
  return world;
}

capp::Results unchanged(const capp::World& world, const capp::Plan& plan) {
  capp::Results results;
  for (const auto& wanted : plan.wanted) {
    results.wanted.push_back({.record = world.find(*wanted.object.kind, wanted.object.key.name),
                              .error = std::nullopt,
                              .retry_after = std::nullopt});
  }
  return results;
}

}  // namespace bench
