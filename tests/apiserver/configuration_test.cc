// Configuration takes effect while the operator runs, and a bad one does nothing (behaviour 3).

#include <fmt/format.h>

#include "capp/kinds.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

using capp::kCapp;
using capp::kCappConfig;
using capp::kCappRevision;
using capp::kConfigMap;

// Of Capps: what is told of the configuration itself, and kept of it, is no write of theirs.
bool is_of_a_capp(const AuditRequest& write) {
  return write.resource != "configmaps" && write.resource != "events";
}

class ConfigurationChange : public SharedCluster {
 protected:
  // Replaces the data whole: what somebody else has put there goes too.
  void configure(const std::string& name, const std::string& data) {
    api.apply(
        kConfigMap, cluster.key(name),
        parse_object(fmt::format(
            R"({{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {{"name": "{}"}}, "data": {}}})",
            name, data)));
  }
  // A zone of this test alone: cluster-scoped records of two tests must not meet.
  [[nodiscard]] std::string good_dns() const {
    return fmt::format(R"({{"cname":"ingress.capp.dev.","zone":"{}.capp.dev."}})", cluster.ns);
  }
  void configure_custom(const std::string& spec) {
    api.apply(kCappConfig, cluster.key("capp-config"),
              parse_object(fmt::format(R"({{"apiVersion": "rcs.dana.io/v1alpha1",
                  "kind": "CappConfig", "metadata": {{"name": "capp-config"}}, "spec": {}}})",
                                       spec)));
  }

  testing::AssertionResult target(std::string_view capp, std::string_view expected) {
    return is(std::string(capp) + "'s target",
              at(cluster.service(capp),
                 "/spec/template/metadata/annotations/autoscaling.knative.dev~1target"),
              expected);
  }
  testing::AssertionResult last_good(const std::string& source, const std::string& expected) {
    const auto kept = api.find(kConfigMap, cluster.key("capp-operator-last-good"));
    if (!kept) return testing::AssertionFailure() << "nothing is kept";
    return is("last good " + source, at(*kept, "/data/" + source), expected);
  }
  // An event about that key of the object, of which the note says `words`.
  testing::AssertionResult told(const std::string& object, const std::string& field,
                                const std::string& words) {
    std::string seen;
    for (const auto& event : cluster.events(object, "ConfigInvalid")) {
      const std::string note = at(event, "/note");
      if (at(event, "/regarding/fieldPath") == field && at(event, "/type") == "Warning" &&
          note.contains(words)) {
        return testing::AssertionSuccess();
      }
      seen += at(event, "/regarding/fieldPath") + ": " + note + "\n";
    }
    return testing::AssertionFailure() << "events: " << seen;
  }
  // That condition of the Capp is False, and its message says `words`.
  testing::AssertionResult says(std::string_view capp, std::string_view type,
                                std::string_view reason, const std::string& words) {
    const auto now = cluster.capp(capp);
    const auto seen = has_condition(now, type, "False", reason);
    if (!seen) return seen;
    const auto message = condition(now, type).message;
    return message.contains(words) ? seen : testing::AssertionFailure() << message;
  }
  testing::AssertionResult says_nothing(std::string_view capp, std::string_view type) {
    return is(std::string(capp) + "'s " + std::string(type),
              condition(cluster.capp(capp), type).status, "");
  }
  testing::AssertionResult capp_writes_stay_at(std::size_t count) {
    const auto check = [&] {
      const auto writes = cluster.writes().only(is_of_a_capp);
      return writes.size() == count ? testing::AssertionSuccess()
                                    : testing::AssertionFailure() << writes.describe();
    };
    const auto reached = eventually(check);
    return reached ? throughout(kMoment, check) : reached;
  }
};

TEST_F(ConfigurationChange, ReachesTheServicesThatItConcernsWithOneWriteEach) {
  cluster.create_settled(a_capp("by-concurrency"));
  cluster.create_settled(a_capp("by-rps", R"({"spec": {"scaleMetric": "rps"}})"));
  ASSERT_TRUE(target("by-concurrency", "10"));
  ASSERT_TRUE(target("by-rps", "200"));

  cluster.audit.restart();
  configure("autoscale-defaults", R"({"rps": "50"})");
  EXPECT_TRUE(eventually([&] { return target("by-rps", "50"); }));
  EXPECT_TRUE(capp_writes_stay_at(1));
  EXPECT_TRUE(target("by-concurrency", "10"));

  api.remove(kConfigMap, cluster.key("autoscale-defaults"));
  EXPECT_TRUE(eventually([&] { return target("by-rps", "200"); }));
  EXPECT_TRUE(capp_writes_stay_at(2));
}

TEST_F(ConfigurationChange, TheOtherNameIsReadWhereTheFirstIsAbsent) {
  cluster.create_settled(a_capp("web"));
  configure("autoscale-default", R"({"concurrency": "11"})");
  EXPECT_TRUE(eventually([&] { return target("web", "11"); }));
  configure("autoscale-defaults", R"({"concurrency": "12"})");
  EXPECT_TRUE(eventually([&] { return target("web", "12"); }));
}

TEST_F(ConfigurationChange, ABadValueLeavesTheLastGoodOneInForceAlsoAfterARestart) {
  configure("autoscale-defaults", R"({"concurrency": "25"})");
  cluster.create_settled(a_capp("web"));
  EXPECT_TRUE(eventually([&] { return target("web", "25"); }));
  EXPECT_TRUE(
      eventually([&] { return last_good("autoscale-defaults", R"({"concurrency":"25"})"); }));

  configure("autoscale-defaults", R"({"concurrency": "30", "rps": "many"})");
  EXPECT_TRUE(eventually([&] {
    return told("autoscale-defaults", "data.rps",
                "rps is \"many\", but must be a whole number from 1 to 2147483647");
  }));
  EXPECT_TRUE(target("web", "25"));

  cluster.start_operator();
  cluster.create_settled(a_capp("later"));
  EXPECT_TRUE(target("later", "25"));
  EXPECT_TRUE(target("web", "25"));

  configure("autoscale-defaults", R"({"concurrency": "30", "rps": "60"})");
  EXPECT_TRUE(eventually([&] { return target("web", "30"); }));
  EXPECT_TRUE(eventually([&] { return target("later", "30"); }));
  EXPECT_TRUE(eventually(
      [&] { return last_good("autoscale-defaults", R"({"concurrency":"30","rps":"60"})"); }));
}

TEST_F(ConfigurationChange, ABadValueIsToldOnEveryCappThatItConcernsAndLeavesReadyAlone) {
  configure("dns-config", good_dns());
  cluster.create_settled(a_capp("web"));
  cluster.create_settled(a_capp("known", R"({"spec": {"routeSpec": {"hostname": "known"}}})"));
  const std::string ready = condition(cluster.capp("known"), "Ready").reason;

  configure("autoscale-defaults", R"({"rps": "many"})");
  for (const char* capp : {"web", "known"}) {
    EXPECT_TRUE(eventually([&] {
      return says(capp, "ConfigurationReady", "ConfigInvalid",
                  "ConfigMap " + cluster.ns + "/autoscale-defaults: rps is \"many\", but must be");
    }));
  }
  configure("autoscale-defaults", R"({"rps": "50"})");
  for (const char* capp : {"web", "known"}) {
    EXPECT_TRUE(eventually([&] { return says_nothing(capp, "ConfigurationReady"); }));
  }

  configure("dns-config", R"({"zone": "capp.dev", "cname": "ingress.capp.dev."})");
  EXPECT_TRUE(eventually([&] {
    return says("known", "ConfigurationReady", "ConfigInvalid", "zone is \"capp.dev\"");
  }));
  EXPECT_EQ(condition(cluster.capp("known"), "Ready").reason, ready);
  EXPECT_TRUE(says_nothing("web", "ConfigurationReady"));
}

TEST_F(ConfigurationChange, WithoutDnsAHostnameIsNotReadyAndOtherCappsAreNotConcerned) {
  cluster.create_settled(a_capp("web"));
  cluster.create_settled(a_capp("known", R"({"spec": {"routeSpec": {"hostname": "known"}}})"));
  EXPECT_TRUE(says("known", "Ready", "DNSConfigInvalid",
                   "ConfigMap " + cluster.ns +
                       "/dns-config does not exist: a hostname needs its keys zone and cname"));
  EXPECT_NE(condition(cluster.capp("web"), "Ready").reason, "DNSConfigInvalid");

  cluster.audit.restart();
  configure("dns-config", R"({"zone": "capp.dev", "cname": "ingress.capp.dev."})");
  EXPECT_TRUE(eventually([&] {
    return says("known", "Ready", "DNSConfigInvalid",
                "ConfigMap " + cluster.ns + "/dns-config: zone is \"capp.dev\", but must be");
  }));

  // Whatever it needs next, it is not DNS.
  configure("dns-config", good_dns());
  EXPECT_TRUE(eventually([&] {
    const auto reason = condition(cluster.capp("known"), "Ready").reason;
    return reason.empty() || reason == "DNSConfigInvalid" ? testing::AssertionFailure() << reason
                                                          : testing::AssertionSuccess();
  }));
  EXPECT_TRUE(eventually([&] { return cluster.idle(); }));
  const auto of_the_other =
      cluster.writes().only([](const AuditRequest& write) { return write.name == "web"; });
  EXPECT_TRUE(of_the_other.empty()) << of_the_other.describe();
}

TEST_F(ConfigurationChange, EachBadKeyIsToldOnItsOwn) {
  configure("dns-config", R"({"zone": "capp.dev", "cname": "https://capp.dev"})");
  EXPECT_TRUE(eventually([&] {
    return told("dns-config", "data.zone",
                "ConfigMap " + cluster.ns + "/dns-config: zone is \"capp.dev\", but must be a DNS");
  }));
  EXPECT_TRUE(eventually([&] {
    return told("dns-config", "data.cname", "cname is \"https://capp.dev\", but must be a DNS");
  }));
}

TEST_F(ConfigurationChange, OfOneConfigMapIsNotHeldBackByTheOther) {
  cluster.create_settled(a_capp("web"));
  configure("dns-config", R"({"zone": "capp.dev"})");
  EXPECT_TRUE(eventually([&] { return told("dns-config", "data.cname", "cname is missing"); }));
  configure("autoscale-defaults", R"({"concurrency": "25"})");
  EXPECT_TRUE(eventually([&] { return target("web", "25"); }));
}

TEST_F(ConfigurationChange, IsKeptOnceAndNotWrittenAgainByTheNextProcess) {
  configure("autoscale-defaults", R"({"concurrency": "25"})");
  configure("dns-config", good_dns());
  EXPECT_TRUE(eventually([&] { return last_good("dns-config", good_dns()); }));
  cluster.create_settled(a_capp("web"));

  cluster.audit.restart();
  cluster.start_operator();
  EXPECT_TRUE(cluster.writes_stay_at(0));
}

TEST_F(ConfigurationChange, WithoutAnySourceNothingIsKept) {
  cluster.create_settled(a_capp("web"));
  EXPECT_EQ(api.find(kConfigMap, cluster.key("capp-operator-last-good")), std::nullopt);
}

TEST_F(ConfigurationChange, WhatIsKeptIsRepaired) {
  configure("autoscale-defaults", R"({"concurrency": "25"})");
  const std::string expected = R"({"concurrency":"25"})";
  EXPECT_TRUE(eventually([&] { return last_good("autoscale-defaults", expected); }));
  api.remove(kConfigMap, cluster.key("capp-operator-last-good"));
  EXPECT_TRUE(eventually([&] { return last_good("autoscale-defaults", expected); }));
  api.merge_patch(kConfigMap, cluster.key("capp-operator-last-good"),
                  R"({"data": {"autoscale-defaults": "{}"}})");
  EXPECT_TRUE(eventually([&] { return last_good("autoscale-defaults", expected); }));
}

TEST_F(ConfigurationChange, ACappConfigCountsInsteadOfTheConfigMapsWhileItIsThere) {
  configure("autoscale-defaults", R"({"concurrency": "25", "rps": "26"})");
  cluster.create_settled(a_capp("web"));
  cluster.create_settled(a_capp("by-rps", R"({"spec": {"scaleMetric": "rps"}})"));
  EXPECT_TRUE(eventually([&] { return target("web", "25"); }));

  configure_custom(R"({"autoscaleConfig": {"concurrency": 7}})");
  EXPECT_TRUE(eventually([&] { return target("web", "7"); }));
  EXPECT_TRUE(eventually([&] { return target("by-rps", "200"); }));

  cluster.audit.restart();
  configure("autoscale-defaults", R"({"concurrency": "many"})");
  EXPECT_TRUE(capp_writes_stay_at(0));
  EXPECT_TRUE(cluster.events("autoscale-defaults", "ConfigInvalid").empty());

  api.remove(kCappConfig, cluster.key("capp-config"));
  EXPECT_TRUE(eventually([&] { return target("web", "25"); }));
  EXPECT_TRUE(eventually([&] { return target("by-rps", "26"); }));
  EXPECT_TRUE(eventually([&] { return told("autoscale-defaults", "data.concurrency", "many"); }));
}

TEST_F(ConfigurationChange, ACappConfigThatHasNeverBeenGoodChangesNothing) {
  configure("autoscale-defaults", R"({"concurrency": "25"})");
  cluster.create_settled(a_capp("web"));
  EXPECT_TRUE(eventually([&] { return target("web", "25"); }));

  // What its schema lets pass.
  configure_custom(
      R"({"autoscaleConfig": {"concurrency": 7}, "dnsConfig": {"zone": "capp.dev."}})");
  EXPECT_TRUE(eventually([&] {
    return told("capp-config", "spec.dnsConfig.cname",
                "CappConfig " + cluster.ns + "/capp-config: spec.dnsConfig.cname is missing");
  }));
  EXPECT_TRUE(target("web", "25"));

  configure_custom(R"({"autoscaleConfig": {"concurrency": 7}})");
  EXPECT_TRUE(eventually([&] { return target("web", "7"); }));
}

TEST_F(ConfigurationChange, ATemplatesOwnTargetWinsUnlessThereIsACappConfig) {
  cluster.create_settled(a_capp("web", R"({"spec": {"configurationSpec": {"template": {"metadata":
      {"annotations": {"autoscaling.knative.dev/target": "99"}}}}}})"));
  configure("autoscale-defaults", R"({"concurrency": "25"})");
  EXPECT_TRUE(throughout(kMoment, [&] { return target("web", "99"); }));
  configure_custom("{}");
  EXPECT_TRUE(eventually([&] { return target("web", "10"); }));
  api.remove(kCappConfig, cluster.key("capp-config"));
  EXPECT_TRUE(eventually([&] { return target("web", "99"); }));
}

TEST_F(ConfigurationChange, ASmallerHistoryTakesEffectOnWhatIsThere) {
  cluster.create_settled(a_capp("web"));
  for (const char* team : {"a", "b"}) {
    api.merge_patch(kCapp, cluster.key("web"),
                    fmt::format(R"({{"metadata": {{"labels": {{"team": "{}"}}}}}})", team));
    EXPECT_TRUE(eventually([&] {
      return is("label", at(cluster.service("web"), "/spec/template/metadata/labels/team"), team);
    }));
  }
  const auto revisions = [&] {
    std::string names;
    for (const auto& revision : api.list(kCappRevision, cluster.ns)) {
      names += at(revision, "/metadata/name") + " ";
    }
    return names;
  };
  EXPECT_TRUE(
      eventually([&] { return is("revisions", revisions(), "web-00001 web-00002 web-00003 "); }));
  configure_custom(R"({"revisionHistoryLimit": 1})");
  EXPECT_TRUE(eventually([&] { return is("revisions", revisions(), "web-00003 "); }));
}

}  // namespace
}  // namespace test
