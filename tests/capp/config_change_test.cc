#include "capp/config_change.h"

#include <gtest/gtest.h>

#include "tests/capp/builders.h"

namespace capp {
namespace {

InForce with(const Config& config) {
  return {.config = config, .problems = {}};
}

InForce with_problem(ConfigProblem::Of of, std::string_view value) {
  return {.config = {},
          .problems = {
              {.of = of, .object = "o", .key = "k", .value = std::string(value), .rule = "r"}}};
}

const Dns kDns{.zone = "capp.dev.", .cname = "a.b"};

struct Case {
  std::string_view what;
  InForce before;
  InForce after;
  ObjectBuilder capp;
  bool concerned = false;
};

std::ostream& operator<<(std::ostream& out, const Case& a_case) {
  return out << a_case.what;
}

class ConfigChange : public testing::TestWithParam<Case> {};

TEST_P(ConfigChange, ConcernsTheCappsThatItAsksSomethingElseOf) {
  const Case& change = GetParam();
  EXPECT_EQ(concerns(change.before, change.after, capp_of(change.capp)), change.concerned);
  EXPECT_EQ(concerns(change.before, change.before, capp_of(change.capp)), false);
}

ObjectBuilder plain() {
  return a_capp("web");
}
ObjectBuilder with_minimum() {
  return a_capp("web").with_spec("minReplicas", "2");
}
ObjectBuilder with_hostname() {
  return a_capp("web").with_spec("routeSpec", R"({"hostname": "web.capp.dev"})");
}
ObjectBuilder disabled() {
  return a_capp("web").with_spec("state", R"("disabled")");
}
ObjectBuilder with_own_target() {
  return a_capp("web").with_spec("configurationSpec", R"({"template": {
      "metadata": {"annotations": {"autoscaling.knative.dev/target": "99"}},
      "spec": {"containers": [{"name": "app", "image": "app:1"}]}}})");
}

const InForce kBuiltIn = with({});
const InForce kConcurrency = with({.autoscale = {.concurrency = 11}});
const InForce kRps = with({.autoscale = {.rps = 11}});
const InForce kActivation = with({.autoscale = {.activation_scale = 4}});
const InForce kCustom = with({.from_capp_config = true});
const InForce kWithDns = with({.dns = kDns});
const InForce kOtherReason = with({.dns_problem = "another"});

INSTANTIATE_TEST_SUITE_P(
    Table, ConfigChange,
    testing::Values(
        Case{"the target of its metric", kBuiltIn, kConcurrency, plain(), true},
        Case{"the target of another metric", kBuiltIn, kRps, plain(), false},
        Case{"a target that the template overrides", kBuiltIn, kConcurrency, with_own_target(),
             false},
        Case{"the scale from zero", kBuiltIn, kActivation, plain(), true},
        Case{"the scale from zero of one that never is there", kBuiltIn, kActivation,
             with_minimum(), false},
        Case{"the target of a disabled one", kBuiltIn, kConcurrency, disabled(), false},
        Case{"a CappConfig of the same values", kBuiltIn, kCustom, plain(), false},
        Case{"a CappConfig overrides the template", kBuiltIn, kCustom, with_own_target(), true},
        Case{"DNS, without a hostname", kBuiltIn, kWithDns, plain(), false},
        Case{"DNS, with a hostname", kBuiltIn, kWithDns, with_hostname(), true},
        Case{"why there is no DNS, without a hostname", kBuiltIn, kOtherReason, plain(), false},
        Case{"why there is no DNS, with a hostname", kBuiltIn, kOtherReason, with_hostname(), true},
        Case{"fewer revisions", kBuiltIn, with({.revision_history_limit = 9}), plain(), true},
        Case{"more revisions", kBuiltIn, with({.revision_history_limit = 11}), plain(), false},
        Case{"a problem of all", kBuiltIn, with_problem(ConfigProblem::Of::kAll, "1"), disabled(),
             true},
        Case{"another problem of all", with_problem(ConfigProblem::Of::kAll, "1"),
             with_problem(ConfigProblem::Of::kAll, "2"), plain(), true},
        Case{"a problem of hostnames, without one", kBuiltIn,
             with_problem(ConfigProblem::Of::kHostnames, "1"), plain(), false},
        Case{"the end of a problem of hostnames", with_problem(ConfigProblem::Of::kHostnames, "1"),
             kBuiltIn, with_hostname(), true}));

}  // namespace
}  // namespace capp
