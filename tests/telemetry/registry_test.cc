#include "telemetry/metrics/registry.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "telemetry/metrics/process.h"

namespace telemetry::metrics {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

TEST(Registry, ExposesMetricsInTheOrderOfTheirNames) {
  Registry registry;
  registry.gauge("b_depth", "Depth.").set(-1.5);
  registry.counter("a_total", "Everything.").increment(2);
  EXPECT_EQ(registry.exposition(),
            "# HELP a_total Everything.\n"
            "# TYPE a_total counter\n"
            "a_total 2\n"
            "# HELP b_depth Depth.\n"
            "# TYPE b_depth gauge\n"
            "b_depth -1.5\n");
}

TEST(Registry, ShowsALabelSetAtZeroOnceItIsAskedFor) {
  Registry registry;
  auto& results = registry.counters("results_total", "Results.", {"controller", "result"});
  results.with({"capp", "success"});
  results.with({"capp", "error"}).increment();
  EXPECT_EQ(registry.exposition(),
            "# HELP results_total Results.\n"
            "# TYPE results_total counter\n"
            "results_total{controller=\"capp\",result=\"error\"} 1\n"
            "results_total{controller=\"capp\",result=\"success\"} 0\n");
}

TEST(Registry, WritesAHistogramWithCumulativeBuckets) {
  Registry registry;
  auto& seconds =
      registry.histograms("took_seconds", "Time.", {"verb"}, {0.005, 1, 60}).with({"get"});
  seconds.observe(1ms);
  seconds.observe(0.005);
  seconds.observe(1s);
  seconds.observe(2min);
  EXPECT_EQ(registry.exposition(),
            "# HELP took_seconds Time.\n"
            "# TYPE took_seconds histogram\n"
            "took_seconds_bucket{verb=\"get\",le=\"0.005\"} 2\n"
            "took_seconds_bucket{verb=\"get\",le=\"1\"} 3\n"
            "took_seconds_bucket{verb=\"get\",le=\"60\"} 3\n"
            "took_seconds_bucket{verb=\"get\",le=\"+Inf\"} 4\n"
            "took_seconds_sum{verb=\"get\"} 121.006\n"
            "took_seconds_count{verb=\"get\"} 4\n");
}

TEST(Registry, CountsNaNInTheLastBucket) {
  Registry registry;
  registry.histogram("h", "H.", {1}).observe(std::nan(""));
  EXPECT_THAT(registry.exposition(), HasSubstr("h_bucket{le=\"1\"} 0\n"
                                               "h_bucket{le=\"+Inf\"} 1\n"
                                               "h_sum NaN\n"
                                               "h_count 1\n"));
}

TEST(Registry, EscapesHelpAndLabelValues) {
  Registry registry;
  registry.gauges("g", "back\\slash \"quote\"\nline", {"l"}).with({"a\\b\"c\nd\xff\u00e4"}).set(1);
  EXPECT_EQ(registry.exposition(),
            "# HELP g back\\\\slash \"quote\"\\nline\n"
            "# TYPE g gauge\n"
            "g{l=\"a\\\\b\\\"c\\nd\uFFFD\u00e4\"} 1\n");
}

TEST(Registry, GivesTheSameMetricToWhoeverAsksForIt) {
  Registry registry;
  Counter& first = registry.counters("c_total", "C.", {"l"}).with({"a"});
  Counter& second = registry.counters("c_total", "C.", {"l"}).with({"a"});
  EXPECT_EQ(&first, &second);
  Histogram& histogram = registry.histogram("h", "H.", {1, 2});
  EXPECT_EQ(&registry.histogram("h", "H.", {1, 2}), &histogram);
}

TEST(Registry, RefusesANameThatIsThereInAnotherShape) {
  Registry registry;
  registry.counters("c", "C.", {"l"});
  EXPECT_THROW(registry.gauges("c", "C.", {"l"}), std::logic_error);
  EXPECT_THROW(registry.counters("c", "C.", {"other"}), std::logic_error);
  EXPECT_THROW(registry.counters("c", "Other.", {"l"}), std::logic_error);
  EXPECT_THROW(static_cast<void>(registry.collect(Type::kCounter, "c", "C.", {"l"}, nullptr)),
               std::logic_error);
  registry.histogram("h", "H.", {1});
  EXPECT_THROW(registry.histogram("h", "H.", {2}), std::logic_error);
}

TEST(Registry, RefusesWhatPrometheusWould) {
  Registry registry;
  for (const auto* name : {"", "1a", "a-b", "a b", "\u00e4"}) {
    EXPECT_THROW(registry.gauge(name, "G."), std::logic_error) << name;
  }
  for (const auto* label : {"", "1a", "a:b", "__name__"}) {
    EXPECT_THROW(registry.gauges("g", "G.", {label}), std::logic_error) << label;
  }
  EXPECT_THROW(registry.gauges("g", "G.", {"a", "a"}), std::logic_error);
  EXPECT_THROW(registry.histograms("h", "H.", {"le"}, {1}), std::logic_error);
  EXPECT_THROW(registry.histogram("h2", "H.", {2, 1}), std::logic_error);
  EXPECT_THROW(registry.histogram("h3", "H.", {1, INFINITY}), std::logic_error);
}

TEST(Registry, RefusesAWrongNumberOfLabelValues) {
  Registry registry;
  EXPECT_THROW(registry.gauges("g", "G.", {"a", "b"}).with({"1"}), std::logic_error);
}

TEST(Registry, CountsWhatSeveralThreadsCount) {
  Registry registry;
  Counter& counter = registry.counter("c_total", "C.");
  Histogram& histogram = registry.histogram("h", "H.", {1});
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 10'000; ++n) {
          counter.increment();
          histogram.observe(1.0);
        }
      });
    }
  }
  EXPECT_EQ(counter.value(), 40'000);
  EXPECT_EQ(histogram.snapshot().cumulative, (std::vector<std::uint64_t>{40'000, 40'000}));
  EXPECT_EQ(histogram.snapshot().sum, 40'000);
}

TEST(Counter, OnlyGoesUp) {
  Registry registry;
  Counter& counter = registry.counter("c_total", "C.");
  EXPECT_THROW(counter.increment(-1), std::logic_error);
  EXPECT_THROW(counter.increment(std::nan("")), std::logic_error);
  EXPECT_EQ(counter.value(), 0);
}

TEST(Collector, IsAskedAtEachScrapeAsLongAsItLives) {
  Registry registry;
  int depth = 1;
  {
    const Collector collector =
        registry.collect(Type::kGauge, "depth", "Depth.", {"queue"}, [&depth] {
          return std::vector{Sample{.label_values = {"capp"}, .value = static_cast<double>(depth)}};
        });
    EXPECT_THAT(registry.exposition(), HasSubstr("depth{queue=\"capp\"} 1\n"));
    depth = 2;
    EXPECT_THAT(registry.exposition(), HasSubstr("depth{queue=\"capp\"} 2\n"));
  }
  EXPECT_THAT(registry.exposition(), Not(HasSubstr("depth{")));
}

TEST(Collector, SharesItsMetricWithOthers) {
  Registry registry;
  const auto constant = [](std::string queue, double value) {
    return [queue, value] { return std::vector{Sample{.label_values = {queue}, .value = value}}; };
  };
  const Collector b =
      registry.collect(Type::kGauge, "depth", "Depth.", {"queue"}, constant("b", 2));
  const Collector a =
      registry.collect(Type::kGauge, "depth", "Depth.", {"queue"}, constant("a", 1));
  const Collector again =
      registry.collect(Type::kGauge, "depth", "Depth.", {"queue"}, constant("b", 3));
  EXPECT_EQ(registry.exposition(),
            "# HELP depth Depth.\n# TYPE depth gauge\n"
            "depth{queue=\"a\"} 1\ndepth{queue=\"b\"} 3\n");
}

TEST(Collector, OutlivesTheRegistry) {
  std::optional<Registry> registry(std::in_place);
  const Collector collector =
      registry->collect(Type::kGauge, "g", "G.", {}, [] { return std::vector<Sample>{}; });
  registry.reset();
}

// Each text was written by Go's strconv.FormatFloat(value, 'g', -1, 64).
TEST(FormatNumber, WritesTheShortestTextThatReadsBack) {
  EXPECT_EQ(format_number(0), "0");
  EXPECT_EQ(format_number(-0.0), "-0");
  EXPECT_EQ(format_number(1), "1");
  EXPECT_EQ(format_number(0.005), "0.005");
  EXPECT_EQ(format_number(0.1), "0.1");
  EXPECT_EQ(format_number(0.0001), "0.0001");
  EXPECT_EQ(format_number(0.00001), "1e-05");
  EXPECT_EQ(format_number(1e-8), "1e-08");
  EXPECT_EQ(format_number(999999.5), "999999.5");
  EXPECT_EQ(format_number(1e6), "1e+06");
  EXPECT_EQ(format_number(123456789), "1.23456789e+08");
  EXPECT_EQ(format_number(5e-324), "5e-324");
  EXPECT_EQ(format_number(std::numeric_limits<double>::max()), "1.7976931348623157e+308");
  EXPECT_EQ(format_number(INFINITY), "+Inf");
  EXPECT_EQ(format_number(-INFINITY), "-Inf");
  EXPECT_EQ(format_number(std::nan("")), "NaN");
}

TEST(ExponentialBounds, MultiplyEachByTheFactor) {
  EXPECT_EQ(exponential_bounds(1, 2, 4), (std::vector<double>{1, 2, 4, 8}));
  EXPECT_EQ(exponential_bounds(1, 2, 0), std::vector<double>{});
}

TEST(ProcessStat, ReadsANameWithBracketsAndSpaces) {
  const auto stat = parse_process_stat(
      "7 (a) b (c) S 1 7 7 0 -1 4194560 100 0 0 0 11 22 0 0 20 0 3 0 4567 8192 9 "
      "18446744073709551615 1");
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->cpu_ticks, 33U);
  EXPECT_EQ(stat->start_ticks, 4567U);
  EXPECT_EQ(stat->virtual_bytes, 8192U);
  EXPECT_EQ(stat->resident_pages, 9U);
}

TEST(ProcessStat, RefusesWhatIsNotOne) {
  for (const auto* content :
       {"", "7 (a", "7 (a) S 1 2 3",
        "7 (a) S 1 7 7 0 -1 4194560 100 0 0 0 11 x2 0 0 20 0 3 0 4567 8192 9"}) {
    EXPECT_FALSE(parse_process_stat(content).has_value()) << content;
  }
}

// The value of an unlabelled metric in an exposition.
double value_of(const std::string& exposition, const std::string& name) {
  const auto at = exposition.find("\n" + name + " ");
  if (at == std::string::npos) throw std::out_of_range(name + " is not in\n" + exposition);
  return std::stod(exposition.substr(at + name.size() + 2));
}

TEST(ProcessMetrics, AreThoseOfThisProcess) {
  Registry registry;
  const ProcessMetrics metrics(registry);
  const std::string text = registry.exposition();
  const auto now = static_cast<double>(std::time(nullptr));
  EXPECT_GT(value_of(text, "process_resident_memory_bytes"), 1e6);
  EXPECT_GT(value_of(text, "process_virtual_memory_bytes"),
            value_of(text, "process_resident_memory_bytes"));
  EXPECT_GE(value_of(text, "process_cpu_seconds_total"), 0);
  EXPECT_NEAR(value_of(text, "process_start_time_seconds"), now, 600);
  EXPECT_GE(value_of(text, "process_max_fds"), value_of(text, "process_open_fds"));
}

TEST(ProcessMetrics, CountAnOpenedFile) {
  Registry registry;
  const ProcessMetrics metrics(registry);
  const double before = value_of(registry.exposition(), "process_open_fds");
  const std::ifstream file("/dev/null");
  EXPECT_EQ(value_of(registry.exposition(), "process_open_fds"), before + 1);
}

TEST(Exposition, PassesPromtool) {
  if (std::system("command -v promtool > /dev/null") != 0) GTEST_SKIP() << "no promtool on PATH";
  Registry registry;
  const ProcessMetrics metrics(registry);
  registry.counters("a_total", "Quote \" and \\ and\nline.", {"l"})
      .with({"\"\\\n\xff"})
      .increment();
  registry.histogram("took_seconds", "Time.", exponential_bounds(1e-8, 10, 12)).observe(0.5);
  registry.gauge("limit", "Limit.").set(INFINITY);
  FILE* const promtool = popen("promtool check metrics", "w");
  ASSERT_NE(promtool, nullptr);
  const std::string text = registry.exposition();
  EXPECT_EQ(std::fwrite(text.data(), 1, text.size(), promtool), text.size());
  EXPECT_EQ(pclose(promtool), 0) << text;
}

}  // namespace
}  // namespace telemetry::metrics
