// What the rules of admission cost the API server's wait, beside its call and the questions: to
// judge a Capp with one child of each kind, and to match its hostname against as many patterns as
// a CappConfig may have.

#include <string>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "bench/captured.h"
#include "capp/admission/validate.h"
#include "json/parse.h"

namespace {

using namespace capp::admission;

boost::json::object full_capp() {
  return json::parse(bench::lines_of("full.jsonl")[0]).value().at("object").as_object();
}

void judge_with(benchmark::State& state, const capp::Config& config) {
  const auto capp = full_capp();
  for (auto _ : state) {
    const auto submission = read_submission({.ns = "ns", .name = "web"}, capp, nullptr, config);
    benchmark::DoNotOptimize(questions(submission));
    benchmark::DoNotOptimize(judge(submission, {}));
  }
}

void judge_a_full_capp(benchmark::State& state) {
  judge_with(state, {.from_capp_config = true});
}
BENCHMARK(judge_a_full_capp);

void judge_it_by_100_patterns(benchmark::State& state) {
  capp::Config config{.from_capp_config = true};
  for (int i = 0; i < 100; ++i) {
    config.hostname_patterns.push_back(
        {.match = fmt::format(R"(^[a-z0-9-]+\.team-{}\.example\.com$)", i)});
  }
  judge_with(state, config);
}
BENCHMARK(judge_it_by_100_patterns);

}  // namespace
