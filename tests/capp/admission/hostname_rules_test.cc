#include <gmock/gmock.h>

#include "tests/capp/admission/submissions.h"

namespace capp::admission {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kFqdn = "must be a fully qualified DNS name";

std::string with_hostname(std::string_view hostname) {
  return boost::json::serialize(boost::json::object{{"routeSpec", {{"hostname", hostname}}}});
}

Config in_zone(std::string_view zone) {
  return {.dns = Dns{.zone = std::string(zone), .cname = "ingress.example.com"}};
}

TEST(Hostname, IsADnsNameWithOrWithoutTheZone) {
  for (const char* good : {"web", "web.example.com", "a-1.b", "1.2", "x--y.z"}) {
    EXPECT_EQ(Asked{.spec = with_hostname(good)}.refused(), "") << good;
  }
  for (const char* bad :
       {"Web", "web_1", "web.", ".web", "a..b", "-a", "a-.b", "*.web", "a b", "ü"}) {
    EXPECT_THAT(Asked{.spec = with_hostname(bad)}.refused(), HasSubstr(kFqdn)) << bad;
  }
  EXPECT_THAT(Asked{.spec = with_hostname(std::string(64, 'a'))}.refused(), HasSubstr(kFqdn));
}

TEST(Hostname, IsNotTooLongOnceTheZoneIsAppended) {
  const std::string label(62, 'a');
  const std::string hostname = label + "." + label + "." + label + "." + label;  // 251 characters
  EXPECT_EQ(Asked{.spec = with_hostname(hostname)}.refused(), "");
  const Asked asked{.spec = with_hostname(hostname), .config = in_zone("example.com.")};
  EXPECT_THAT(asked.refused(), HasSubstr(kFqdn));
}

TEST(Hostname, IsShownInJson) {
  EXPECT_THAT(Asked{.spec = with_hostname("a\"\n")}.refused(),
              HasSubstr(R"(spec.routeSpec.hostname: "a\"\n": must be)"));
  EXPECT_THAT(Asked{.spec = with_hostname(std::string(5000, 'a'))}.refused(),
              HasSubstr("a…\" (5000 bytes): must be"));
}

TEST(Hostname, IsImmutableUnderACappConfigOnly) {
  Asked asked{.spec = with_hostname("new.dev"), .stored = with_hostname("old.dev")};
  EXPECT_EQ(asked.refused(), "");
  asked.config = an_empty_capp_config();
  EXPECT_EQ(asked.refused(),
            R"(spec.routeSpec.hostname: "new.dev": must not change once set, and is "old.dev")");
  asked.spec = "{}";
  EXPECT_EQ(asked.refused(),
            R"(spec.routeSpec.hostname: "": must not change once set, and is "old.dev")");
  asked.stored = "{}";
  asked.spec = with_hostname("new.dev");
  EXPECT_EQ(asked.refused(), "");
}

TEST(Hostname, MatchesOneOfThePatterns) {
  Config config = an_empty_capp_config();
  config.hostname_patterns = {{.match = R"(^a\.)", .explanation = "names of team a"},
                              {.match = R"(\.dev$)"}};
  EXPECT_EQ((Asked{.spec = with_hostname("a.com"), .config = config}.refused()), "");
  EXPECT_EQ((Asked{.spec = with_hostname("b.dev"), .config = config}.refused()), "");
  EXPECT_EQ((Asked{.spec = with_hostname("b.com"), .config = config}.refused()),
            R"(spec.routeSpec.hostname: "b.com": must match one of the allowed patterns: )"
            R"(names of team a, \.dev$)");
}

TEST(Hostname, PatternsCostLinearTime) {
  Config config = an_empty_capp_config();
  config.hostname_patterns = {{.match = "^(([a-z])+.)+[A-Z]([a-z])+$"}};
  EXPECT_THAT((Asked{.spec = with_hostname(std::string(60, 'a')), .config = config}.refused()),
              HasSubstr("must match one of"));
}

TEST(Hostname, IsNotOfTheCluster) {
  Facts facts{.cluster_domain = "k8s.corp"};
  EXPECT_EQ((Asked{.spec = with_hostname("web.k8s.corp"), .facts = facts}.refused()),
            R"(spec.routeSpec.hostname: "web.k8s.corp": must not be in the cluster's local domain )"
            R"(k8s.corp)");
  EXPECT_NE((Asked{.spec = with_hostname("k8s.corp"), .facts = facts}.refused()), "");
  EXPECT_EQ((Asked{.spec = with_hostname("web-k8s.corp"), .facts = facts}.refused()), "");
  // By what it means, not by how it is written.
  EXPECT_NE((Asked{.spec = with_hostname("web"), .config = in_zone("k8s.corp."), .facts = facts}
                 .refused()),
            "");
}

TEST(Hostname, OfAnotherCappIsNamedOnlyInItsOwnNamespace) {
  Facts facts{.served_by = object::Key{.ns = std::string(kNamespace), .name = "first"}};
  EXPECT_EQ((Asked{.spec = with_hostname("web"), .facts = facts}.refused()),
            R"(spec.routeSpec.hostname: "web": must not be served by another Capp, and is by one: )"
            R"(first)");
  facts.served_by->ns = "secret-project";
  EXPECT_EQ((Asked{.spec = with_hostname("web"), .facts = facts}.refused()),
            R"(spec.routeSpec.hostname: "web": must not be served by another Capp, and is by one: )"
            R"(of another namespace)");
}

TEST(Hostname, ThatResolvesIsRefusedAndOneThatNobodyKnowsIsWarnedOf) {
  Asked asked{.spec = with_hostname("web.dev"), .facts = {.resolution = Resolution::kInUse}};
  EXPECT_THAT(asked.refused(), HasSubstr("must be free"));
  asked.facts.resolution = Resolution::kFree;
  EXPECT_THAT(asked.judged().warnings, IsEmpty());
  EXPECT_EQ(asked.refused(), "");
  asked.facts.resolution = Resolution::kUnknown;
  EXPECT_EQ(asked.refused(), "");
  EXPECT_THAT(asked.judged().warnings, ElementsAre(HasSubstr("DNS could not be asked")));
}

TEST(Hostname, IsAskedForInEverySpelling) {
  const auto spellings = [](std::string_view hostname, const Config& config) {
    return Asked{.spec = with_hostname(hostname), .config = config}.questions().spellings;
  };
  EXPECT_THAT(spellings("web", {}), ElementsAre("web"));
  EXPECT_THAT(spellings("web", in_zone("dev.")), ElementsAre("web.dev", "web"));
  EXPECT_THAT(spellings("web.dev", in_zone("dev.")), ElementsAre("web.dev", "web"));
  // "a.dev" is a name of its own, and does not mean "a.dev.dev".
  EXPECT_THAT(spellings("a.dev.dev", in_zone("dev.")), ElementsAre("a.dev.dev"));
  EXPECT_THAT(spellings("dev", in_zone("dev.")), ElementsAre("dev"));
}

TEST(Hostname, ThatStaysIsNotAskedForAndNotJudged) {
  Config config = an_empty_capp_config();
  config.hostname_patterns = {{.match = "internal"}};
  const Asked asked{.spec = with_hostname("Web_1.cluster.local"),
                    .config = config,
                    .stored = with_hostname("Web_1.cluster.local")};
  EXPECT_EQ(asked.questions().host, "");
  EXPECT_EQ(asked.refused(), "");
}

TEST(Hostname, ThatIsNoNameIsNotAskedFor) {
  EXPECT_EQ((Asked{.spec = with_hostname("a b")}.questions().host), "");
}

}  // namespace
}  // namespace capp::admission
