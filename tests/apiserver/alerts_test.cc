// The alerts of config/monitoring: Prometheus takes them, they fire when they should, and each
// metric that they are about is one of the operator's.

#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/child_process.h"
#include "tests/support/objects.h"
#include "tests/support/places.h"
#include "yaml/convert.h"

namespace test {
namespace {

namespace fs = std::filesystem;

boost::json::object rules() {
  const auto manifest = yaml::parse(read_file(in_source("config/monitoring/prometheus_rule.yaml")));
  return manifest.value().at("spec").as_object();
}

// Those that an expression selects series of.
std::set<std::string> metrics_of(const boost::json::object& rules) {
  static const std::regex metric(R"([a-z_]+(?=\{))");
  std::set<std::string> names;
  for (const auto& rule : rules.at("groups").at(0).at("rules").as_array()) {
    const std::string expression(rule.at("expr").as_string());
    for (std::sregex_iterator match(expression.begin(), expression.end(), metric), end;
         match != end; ++match) {
      names.insert(match->str());
    }
  }
  return names;
}

TEST(Alerts, FireWhenTheyShould) {
  const fs::path folder = fs::temp_directory_path() / fmt::format("capp-alerts.{}", ::getpid());
  fs::create_directory(folder);
  // JSON is YAML.
  write_file(folder / "rules.json", boost::json::serialize(rules()));
  fs::copy_file(in_source("tests/apiserver/data/deploy/alerts.yaml"), folder / "alerts.yaml");
  for (const char* check : {"check rules rules.json", "test rules alerts.yaml"}) {
    EXPECT_NO_THROW(
        output_of({"/bin/sh", "-c", fmt::format("cd {} && promtool {}", folder.string(), check)},
                  folder / "out"));
  }
  fs::remove_all(folder);
}

TEST(Alerts, AreAboutMetricsThatThereAre) {
  const std::string documented = read_file(in_source("docs/reference/metrics.md"));
  const auto metrics = metrics_of(rules());
  EXPECT_GT(metrics.size(), 8U);
  for (const auto& metric : metrics) {
    // Prometheus' own, of every target.
    if (metric == "up") continue;
    EXPECT_TRUE(documented.contains("`" + metric + "`")) << metric;
  }
}

}  // namespace
}  // namespace test
