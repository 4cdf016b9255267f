#include "capp/config.h"

#include <gtest/gtest.h>

#include "tests/capp/builders.h"

namespace capp {
namespace {

object::RecordPtr config_map(std::string_view name, std::string_view data) {
  return read(ObjectBuilder(kConfigMap, name).with("data", data).object(), config_map_projection());
}

TEST(Config, HasBuiltInValuesWithoutAnySource) {
  const auto config = read_config({});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(
      config->autoscale,
      (Autoscale{.rps = 200, .cpu = 80, .memory = 70, .concurrency = 10, .activation_scale = 3}));
  EXPECT_EQ(config->revision_history_limit, 10);
}

TEST(Config, AnAbsentKeyHasItsBuiltInValue) {
  const auto config = read_config(
      {.autoscale_defaults = config_map("autoscale-defaults", R"({"rps": "50", "cpu": "60"})"),
       .autoscale_defaults_fallback = nullptr});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->autoscale, (Autoscale{.rps = 50, .cpu = 60}));
}

TEST(Config, TheOtherNameIsReadOnlyWhereTheFirstIsAbsent) {
  const auto first = config_map("autoscale-defaults", R"({"rps": "1"})");
  const auto other = config_map("autoscale-default", R"({"rps": "2", "cpu": "3"})");
  EXPECT_EQ(read_config({first, other})->autoscale, (Autoscale{.rps = 1}));
  EXPECT_EQ(read_config({nullptr, other})->autoscale, (Autoscale{.rps = 2, .cpu = 3}));
}

TEST(Config, AConfigMapWithoutDataIsAnEmptyOne) {
  const auto empty =
      read(ObjectBuilder(kConfigMap, "autoscale-defaults").object(), config_map_projection());
  EXPECT_EQ(*read_config({empty, nullptr}), Config{});
}

TEST(Config, EveryBadValueIsNamedWithItsObjectKeyAndRule) {
  const auto config =
      read_config({config_map("autoscale-defaults", R"({"rps": "many", "cpu": "0", "memory": "70",
                  "concurrency": "10 ", "activationScale": "1"})"),
                   nullptr});
  ASSERT_FALSE(config.has_value());
  const std::string object = "ConfigMap shop/autoscale-defaults";
  const std::string positive = "must be a whole number from 1 to 2147483647";
  EXPECT_EQ(config.error(),
            (std::vector<ConfigProblem>{
                {object, "rps", "many", positive},
                {object, "cpu", "0", positive},
                {object, "concurrency", "10 ", positive},
                {object, "activationScale", "1", "must be a whole number from 2 to 2147483647"}}));
  EXPECT_EQ(config.error().front().message(),
            "ConfigMap shop/autoscale-defaults: rps is \"many\", but must be a whole number from 1 "
            "to 2147483647");
}

TEST(Config, NumbersBeyondThirtyTwoBitsAreRefused) {
  const auto read_rps = [](std::string_view text) {
    return read_config({config_map("autoscale-defaults", text), nullptr});
  };
  EXPECT_TRUE(read_rps(R"({"rps": "2147483647"})").has_value());
  EXPECT_FALSE(read_rps(R"({"rps": "2147483648"})").has_value());
  EXPECT_FALSE(read_rps(R"({"rps": "99999999999999999999"})").has_value());
  EXPECT_FALSE(read_rps(R"({"rps": "-5"})").has_value());
  EXPECT_FALSE(read_rps(R"({"rps": ""})").has_value());
}

}  // namespace
}  // namespace capp
