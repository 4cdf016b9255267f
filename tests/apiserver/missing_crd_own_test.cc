// A kind that the cluster does not serve is no reason to stop (behaviour 2, rule 8).

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "capp/kinds.h"
#include "tests/support/all_children.h"
#include "tests/support/definitions.h"

namespace test {
namespace {

using capp::kCapp;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kPickUpLimit = 5s * kSlowness;
// The API server's finalizer of a definition has been seen to need more than a minute.
constexpr std::chrono::seconds kRemovalPatience{180};
// Of a kind that comes: syncing, ready. Of one that goes: lost, how its watch ended, and a write
// that came too late.
constexpr std::size_t kLinesForEachChange = 3;

// By the labels of child_cases().
using Labels = std::set<std::string_view>;

Labels all_labels() {
  Labels labels;
  for (const auto& child : child_cases()) labels.insert(child.label);
  return labels;
}

const ChildCase& child_named(std::string_view label) {
  return *std::ranges::find(child_cases(), label, &ChildCase::label);
}

class MissingDefinitions : public testing::Test {
 protected:
  void SetUp() override {
    api.create(capp::kConfigMap, cluster.ns, a_dns_config("capp.dev"));
    // So that nobody asks for it again and again.
    api.create(capp::kSecret, cluster.ns, a_tls_secret("web.capp.dev"));
    cluster.start_operator();
    api.create(kCapp, cluster.ns, a_capp_with_all_children("web"));
  }

  // Installs and removes what differs from what is there.
  void make_missing(const Labels& missing) {
    Labels going;
    for (const auto& child : child_cases()) {
      const bool is_missing = missing.contains(child.label);
      if (is_missing == missing_.contains(child.label)) continue;
      if (is_missing) {
        api.remove(kDefinition, {.ns = {}, .name = child.kind->resource()});
        going.insert(child.label);
      } else {
        install(api, *child.kind);
      }
      ++changes_;
    }
    missing_ = missing;
    EXPECT_TRUE(eventually([&] { return are_removed(going); }, kRemovalPatience));
  }
  testing::AssertionResult are_removed(const Labels& labels) {
    for (const auto& label : labels) {
      const std::string name = child_named(label).kind->resource();
      if (api.find(kDefinition, {.ns = {}, .name = name})) {
        return testing::AssertionFailure() << name << " is still there";
      }
    }
    return testing::AssertionSuccess();
  }

  testing::AssertionResult others_are_written() {
    for (const auto& child : child_cases()) {
      if (missing_.contains(child.label)) continue;
      if (!api.find(*child.kind, cluster.key(child.name))) {
        return testing::AssertionFailure() << "no " << child;
      }
    }
    return testing::AssertionSuccess();
  }

  // Ready and the concern of each kind say which definitions are missing, and nothing else does.
  testing::AssertionResult told() {
    const auto web = cluster.capp("web");
    const auto ready = condition(web, "Ready");
    if ((ready.reason == "ResourceSyncFailed") == missing_.empty()) {
      return testing::AssertionFailure() << "Ready: " << ready.reason << ", " << ready.message;
    }
    for (const auto& child : child_cases()) {
      const auto own = condition(web, child.ready());
      for (const auto& [type, message] : {std::pair{std::string("Ready"), ready.message},
                                          std::pair{child.ready(), own.message}}) {
        if (message.contains(child.kind->resource()) != missing_.contains(child.label)) {
          return testing::AssertionFailure() << child << ", " << type << ": " << message;
        }
      }
      const auto seen = is(child.ready(), own.reason, reason_of(child));
      if (!seen) return seen;
    }
    return testing::AssertionSuccess();
  }
  // Some concerns are of two kinds.
  std::string reason_of(const ChildCase& child) {
    const bool any_is_missing = std::ranges::any_of(child_cases(), [&](const ChildCase& other) {
      return other.concern == child.concern && missing_.contains(other.label);
    });
    return any_is_missing ? "DependencyMissing" : child.not_ready();
  }

  testing::AssertionResult goes_on_quietly() {
    if (!cluster.op().runs()) return testing::AssertionFailure() << "the operator ended";
    const auto ready = is("/readyz", cluster.op().probe("/readyz").status, 200);
    if (!ready) return ready;
    const std::string log = cluster.op().log();
    const auto lines = static_cast<std::size_t>(std::ranges::count(log, '\n'));
    if (lines > lines_at_start_ + kLinesForEachChange * changes_) {
      return testing::AssertionFailure() << lines << " lines of log:\n" << log;
    }
    return cluster.silent();
  }
  void count_from_here() {
    const std::string log = cluster.op().log();
    lines_at_start_ = static_cast<std::size_t>(std::ranges::count(log, '\n'));
    changes_ = 0;
  }

  Cluster cluster{ControlPlane::start({own_definitions()})};
  Api& api = cluster.api;

 private:
  Labels missing_ = all_labels();
  std::size_t changes_ = 0;
  std::size_t lines_at_start_ = 0;
};

TEST_F(MissingDefinitions, AreToldAndPickedUpWhenTheyComeAndGo) {
  const std::array<Labels, 10> subsets{{
      all_labels(),
      {"CNAMERecord", "Certificate", "DomainMapping", "KafkaSource", "PingSource", "SyslogNGFlow",
       "SyslogNGOutput"},
      {"CNAMERecord", "Certificate", "KafkaSource", "SyslogNGOutput"},
      {"CNAMERecord"},
      {},
      {"KnativeService"},
      {"DomainMapping", "PingSource", "SyslogNGFlow"},
      {"Certificate", "KafkaSource", "NfsPvc"},
      {"CNAMERecord", "DomainMapping", "SyslogNGFlow", "SyslogNGOutput"},
      all_labels(),
  }};
  for (std::size_t i = 0; i < subsets.size(); ++i) {
    SCOPED_TRACE(fmt::format("subset {}", i));
    count_from_here();
    make_missing(subsets[i]);
    EXPECT_TRUE(eventually([&] { return others_are_written(); }, kPickUpLimit));
    ASSERT_TRUE(eventually([&] { return told(); }));
    ASSERT_TRUE(eventually([&] {
      cluster.audit.restart();
      return throughout(kMoment, [&] { return goes_on_quietly(); });
    }));
    EXPECT_TRUE(told());
  }
}

// As `kubectl replace --force` does it. While a definition goes, each write of its kind is refused.
TEST_F(MissingDefinitions, ThatComeBackAtOnceArePickedUpWithinSeconds) {
  make_missing({});
  EXPECT_TRUE(eventually([&] { return told(); }));
  const ChildCase& child = child_named("PingSource");
  uninstall(api, *child.kind);
  install(api, *child.kind);
  EXPECT_TRUE(eventually([&] { return others_are_written(); }, kPickUpLimit));
}

TEST_F(MissingDefinitions, DoNotKeepACappFromGoing) {
  ASSERT_TRUE(eventually([&] { return told(); }));
  api.remove(kCapp, cluster.key("web"));
  EXPECT_TRUE(eventually([&] { return is("Capps", api.list(kCapp, cluster.ns).size(), 0U); }));
}

}  // namespace
}  // namespace test
