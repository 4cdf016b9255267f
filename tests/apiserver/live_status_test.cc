// The status of every child is followed live, and costs one request (issue 4; ecosystem 4.3.7:
// NfsPvcs were not watched, of the SyslogNG objects only the spec, of Services only the revisions).

#include <map>

#include "tests/support/all_children.h"

namespace test {
namespace {

class LiveStatus : public AllChildren {
 protected:
  Requests asked() {
    return cluster.audit.of_operator().in(cluster.ns).only([](const AuditRequest& request) {
      return request.is_write() || request.is_read();
    });
  }
  void expect_one_request(const ChildCase& child) {
    ASSERT_TRUE(falls_silent());
    cluster.audit.restart();

    says(child, child.broken);
    EXPECT_TRUE(eventually([&] { return web_has(child.ready(), "False", child.not_ready()); }));
    EXPECT_TRUE(web_has("Ready", "False", child.not_ready()));
    EXPECT_TRUE(cluster.writes_stay_at(1));
    EXPECT_EQ(asked().size(), 1U) << asked().describe();
    EXPECT_EQ(asked().of("patch", "capps/status").size(), 1U);

    says(child, child.healthy);
    EXPECT_TRUE(eventually([&] { return web_has("Ready", "True", "Ready"); }));
  }
};

TEST_F(LiveStatus, OfEachChildCostsOneRequest) {
  create_quiet();
  all_are_healthy();
  ASSERT_TRUE(eventually([&] { return web_has("Ready", "True", "Ready"); }));
  for (const auto& child : child_cases()) {
    SCOPED_TRACE(child.label);
    expect_one_request(child);
  }
}

class WholeStatus : public AllChildren {};

TEST_F(WholeStatus, OfEachChildIsInTheCapps) {
  create_quiet();
  all_are_healthy();
  ASSERT_TRUE(eventually([&] { return web_has("Ready", "True", "Ready"); }));
  const auto capp = cluster.capp("web");
  const std::map<std::string_view, std::string_view> members{
      {"KnativeService", "/knativeObjectStatus"},
      {"DomainMapping", "/routeStatus/domainMappingObjectStatus"},
      {"CNAMERecord", "/routeStatus/dnsRecordObjectStatus/cnameRecordObjectStatus"},
      {"Certificate", "/routeStatus/certificateObjectStatus"},
      {"SyslogNGFlow", "/loggingStatus/syslogngflow"},
      {"SyslogNGOutput", "/loggingStatus/syslogngoutput"},
      {"NfsPvc", "/volumesStatus/nfsVolumesStatus/0/nfsPvcStatus"}};
  for (const auto& child : child_cases()) {
    const auto member = members.find(child.label);
    if (member == members.end()) continue;  // of an event source, the condition: below
    EXPECT_EQ(at(capp, "/status" + std::string(member->second)), at(live(child), "/status"))
        << child;
  }
  EXPECT_EQ(at(capp, "/status/eventingStatus/eventSources/0/condition/status"), "True");
  EXPECT_EQ(at(capp, "/status/eventingStatus/eventSources/1/condition/status"), "True");
}

}  // namespace
}  // namespace test
