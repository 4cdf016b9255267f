// What a watch event of a converged Capp costs, step by step, and beside each step what the simpler
// way would cost. Read the ratios: they hold on a busy machine too.

#include <array>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

#include <benchmark/benchmark.h>
#include <boost/json/monotonic_resource.hpp>

#include "capp/children/table.h"
#include "capp/kinds.h"
#include "capp/plan.h"
#include "capp/projections.h"
#include "capp/report.h"
#include "json/parse.h"
#include "json/value.h"
#include "object/record.h"
#include "object/wanted.h"

namespace {

// A Capp with 41 environment variables, its ready Service and its CappRevision, as kube-apiserver
// 1.34.4 sent them on a watch.
struct Lines {
  std::string capp;
  std::string service;
  std::string revision;
};

const Lines& lines() {
  static const Lines read = [] {
    std::ifstream file(CAPP_BENCH_DATA "/converged.jsonl");
    Lines all;
    std::getline(file, all.capp);
    std::getline(file, all.service);
    std::getline(file, all.revision);
    return all;
  }();
  return read;
}

// As in the reflector.
constexpr std::size_t kParseBuffer = 32 * 1024;

json::Filter event_filter(const object::Projection& projection) {
  return projection.filter.within("/object", {"/type"});
}

boost::json::value object_of(const std::string& line, const object::Projection& projection) {
  return json::parse(line, event_filter(projection)).value().at("object");
}

object::OwnedSetPool& pool() {
  static object::OwnedSetPool shared;
  return shared;
}

object::RecordPtr record_of(const std::string& line, const object::Projection& projection) {
  return object::read_record(object_of(line, projection), projection, pool()).value();
}

capp::World converged_world() {
  const auto record = record_of(lines().capp, capp::capp_projection());
  return {.capp = capp::read_capp(*record).value(),
          .config = {},
          .now = "2026-11-23T05:00:00Z",
          .absent = {},
          .observed = {
              {&capp::kKnativeService, {record_of(lines().service, capp::child_projection())}},
              {&capp::kCappRevision, {record_of(lines().revision, capp::revision_projection())}}}};
}

// What the applier answers where nothing has to be sent.
capp::Results unchanged(const capp::World& world, const capp::Plan& plan) {
  capp::Results results;
  for (const auto& wanted : plan.wanted) {
    results.wanted.push_back({.record = world.find(*wanted.object.kind, wanted.object.key.name),
                              .error = std::nullopt,
                              .retry_after = std::nullopt});
  }
  return results;
}

// The apply body with its hash annotation, as the applier compares it.
boost::json::object applied_body() {
  auto body = capp::plan(converged_world()).wanted.front().object.body;
  auto& metadata = body["metadata"].as_object();
  metadata["annotations"] = {{object::kAppliedHashAnnotation, object::applied_hash(body)}};
  return body;
}

void parse_event(benchmark::State& state, const json::Filter& filter) {
  for (auto _ : state) {
    std::array<unsigned char, kParseBuffer> buffer;
    boost::json::monotonic_resource memory(buffer.data(), buffer.size());
    benchmark::DoNotOptimize(json::parse(lines().service, filter, &memory));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(lines().service.size()));
}

void parse_service_event_whole(benchmark::State& state) {
  parse_event(state, {});
}
BENCHMARK(parse_service_event_whole);

void parse_service_event_filtered(benchmark::State& state) {
  parse_event(state, event_filter(capp::child_projection()));
}
BENCHMARK(parse_service_event_filtered);

void read_service_record(benchmark::State& state) {
  const auto projection = capp::child_projection();
  const auto object = object_of(lines().service, projection);
  for (auto _ : state) {
    benchmark::DoNotOptimize(object::read_record(object, projection, pool()));
  }
}
BENCHMARK(read_service_record);

void read_capp_record(benchmark::State& state) {
  const auto projection = capp::capp_projection();
  const auto object = object_of(lines().capp, projection);
  for (auto _ : state) {
    benchmark::DoNotOptimize(object::read_record(object, projection, pool()));
  }
}
BENCHMARK(read_capp_record);

void read_capp(benchmark::State& state) {
  const auto record = record_of(lines().capp, capp::capp_projection());
  for (auto _ : state) benchmark::DoNotOptimize(capp::read_capp(*record));
}
BENCHMARK(read_capp);

void plan_converged(benchmark::State& state) {
  const auto world = converged_world();
  const auto plan = capp::plan(world);
  if (plan.wanted.size() != 1 || plan.history.create || plan.finalizers) {
    return state.SkipWithError("the captured Capp is not converged");
  }
  for (auto _ : state) benchmark::DoNotOptimize(capp::plan(world));
}
BENCHMARK(plan_converged);

void report_converged(benchmark::State& state) {
  const auto world = converged_world();
  const auto plan = capp::plan(world);
  const auto results = unchanged(world, plan);
  if (!json::equal(capp::report(world, plan, results).status, world.capp.status)) {
    return state.SkipWithError("the captured Capp's status is not what would be written");
  }
  for (auto _ : state) benchmark::DoNotOptimize(capp::report(world, plan, results));
}
BENCHMARK(report_converged);

void applied_hash(benchmark::State& state) {
  const auto plan = capp::plan(converged_world());
  for (auto _ : state) {
    benchmark::DoNotOptimize(object::applied_hash(plan.wanted.front().object.body));
  }
}
BENCHMARK(applied_hash);

void compare_ownership(benchmark::State& state) {
  const auto body = applied_body();
  const auto record = record_of(lines().service, capp::child_projection());
  if (!object::compare_ownership(body, record->owned).empty()) {
    return state.SkipWithError("the captured Service is not as wanted");
  }
  for (auto _ : state) benchmark::DoNotOptimize(object::compare_ownership(body, record->owned));
}
BENCHMARK(compare_ownership);

}  // namespace
