// What a watch event of a converged Capp costs, step by step, and beside each step what the simpler
// way would cost. Read the ratios: they hold on a busy machine too.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>
#include <boost/json/monotonic_resource.hpp>

#include "bench/captured.h"
#include "capp/lookups.h"
#include "capp/plan.h"
#include "capp/projections.h"
#include "capp/report.h"
#include "json/parse.h"
#include "json/value.h"
#include "object/record.h"
#include "object/wanted.h"

namespace {

using bench::object_of;
using bench::pool;
using bench::record_of;

// A Capp with 41 environment variables, its ready Service and its CappRevision.
constexpr std::string_view kPlain = "plain.jsonl";
// A Capp with one child of each kind, all ready.
constexpr std::string_view kFull = "full.jsonl";

const std::string& capp_line() {
  return bench::lines_of(kPlain)[0];
}

const std::string& service_line() {
  return bench::lines_of(kPlain)[1];
}

// As in the reflector.
constexpr std::size_t kParseBuffer = 32 * 1024;

// The apply body with its hash annotation, as the applier compares it.
boost::json::object applied_body() {
  auto body = capp::plan(bench::world_of(kPlain)).wanted.front().object.body;
  auto& metadata = body["metadata"].as_object();
  metadata["annotations"] = {{object::kAppliedHashAnnotation, object::applied_hash(body)}};
  return body;
}

void parse_event(benchmark::State& state, const json::Filter& filter) {
  for (auto _ : state) {
    std::array<unsigned char, kParseBuffer> buffer;
    boost::json::monotonic_resource memory(buffer.data(), buffer.size());
    benchmark::DoNotOptimize(json::parse(service_line(), filter, &memory));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(service_line().size()));
}

void parse_service_event_whole(benchmark::State& state) {
  parse_event(state, {});
}
BENCHMARK(parse_service_event_whole);

void parse_service_event_filtered(benchmark::State& state) {
  parse_event(state, bench::event_filter(capp::child_projection({})));
}
BENCHMARK(parse_service_event_filtered);

void read_service_record(benchmark::State& state) {
  const auto projection = capp::child_projection({});
  const auto object = object_of(service_line(), projection);
  for (auto _ : state) {
    benchmark::DoNotOptimize(object::read_record(object, projection, pool()));
  }
}
BENCHMARK(read_service_record);

void read_capp_record(benchmark::State& state) {
  const auto projection = capp::capp_projection();
  const auto object = object_of(capp_line(), projection);
  for (auto _ : state) {
    benchmark::DoNotOptimize(object::read_record(object, projection, pool()));
  }
}
BENCHMARK(read_capp_record);

void read_capp(benchmark::State& state) {
  const auto record = record_of(capp_line(), capp::capp_projection());
  for (auto _ : state) benchmark::DoNotOptimize(capp::read_capp(*record));
}
BENCHMARK(read_capp);

void plan(benchmark::State& state, std::string_view file) {
  const auto world = bench::world_of(file);
  const auto plan = capp::plan(world);
  if (plan.wanted.size() + 2 != bench::lines_of(file).size() || plan.history.create ||
      plan.finalizers) {
    return state.SkipWithError("the captured Capp is not converged");
  }
  for (auto _ : state) benchmark::DoNotOptimize(capp::plan(world));
}
BENCHMARK_CAPTURE(plan, plain, kPlain);
BENCHMARK_CAPTURE(plan, full, kFull);

void lookups(benchmark::State& state, std::string_view file) {
  const auto world = bench::world_of(file);
  for (auto _ : state) benchmark::DoNotOptimize(capp::lookups(world));
}
BENCHMARK_CAPTURE(lookups, plain, kPlain);
BENCHMARK_CAPTURE(lookups, full, kFull);

void report(benchmark::State& state, std::string_view file) {
  const auto world = bench::world_of(file);
  const auto plan = capp::plan(world);
  const auto results = bench::unchanged(world, plan);
  if (!json::equal(capp::report(world, plan, results).status, world.capp.status)) {
    return state.SkipWithError("the captured Capp's status is not what would be written");
  }
  for (auto _ : state) benchmark::DoNotOptimize(capp::report(world, plan, results));
}
BENCHMARK_CAPTURE(report, plain, kPlain);
BENCHMARK_CAPTURE(report, full, kFull);

// Of all that is wanted.
void applied_hash(benchmark::State& state, std::string_view file) {
  const auto plan = capp::plan(bench::world_of(file));
  for (auto _ : state) {
    for (const auto& wanted : plan.wanted) {
      benchmark::DoNotOptimize(object::applied_hash(wanted.object.body));
    }
  }
}
BENCHMARK_CAPTURE(applied_hash, plain, kPlain);
BENCHMARK_CAPTURE(applied_hash, full, kFull);

void compare_ownership(benchmark::State& state) {
  const auto body = applied_body();
  const auto record = record_of(service_line(), capp::child_projection({}));
  if (!object::compare_ownership(body, record->owned).empty()) {
    return state.SkipWithError("the captured Service is not as wanted");
  }
  for (auto _ : state) benchmark::DoNotOptimize(object::compare_ownership(body, record->owned));
}
BENCHMARK(compare_ownership);

}  // namespace
