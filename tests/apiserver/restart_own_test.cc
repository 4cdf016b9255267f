// The API server goes away and comes back while there is work to do.

#include <stop_token>
#include <thread>

#include <fmt/format.h>

#include "capp/kinds.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

using capp::kCapp;
using capp::kKnativeService;

constexpr int kCapps = 20;

std::string name_of(int number) {
  return fmt::format("capp-{:02}", number);
}

// What is read anew: a resource and, where only some of its objects are read, which.
std::map<std::string, int> relists(const Requests& requests) {
  std::map<std::string, int> counts;
  for (const auto& request : requests) {
    if (!request.is_relist() || request.code != 200) continue;
    const auto field = request.uri.find("fieldSelector=");
    const auto end = request.uri.find('&', field);
    // Two groups have a kind of one name.
    ++counts[request.resource + "." + request.group +
             (field == std::string::npos ? "" : "?" + request.uri.substr(field, end - field))];
  }
  return counts;
}

class ApiServerRestart : public testing::Test {
 protected:
  Cluster cluster{ControlPlane::start({own_definitions(), foreign_definitions()})};
  Api& api = cluster.api;
  int version = 0;

  base::Result<Api::Object> try_set_image(const std::string& capp, int tag) {
    return api.try_send(kube::merge_patch(kCapp, cluster.key(capp),
                                          fmt::format(R"({{"spec": {{"configurationSpec":
      {{"template": {{"spec": {{"containers": [{{"name": "web", "image": "example.com/a:{}"}}]}}}}}}}}}})",
                                                      tag),
                                          kSomebody));
  }

  // Changes Capp after Capp until it is told to stop; what fails while the API server is down is
  // left.
  void keep_changing(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      ++version;
      [[maybe_unused]] const auto changed = try_set_image(name_of(version % kCapps), version);
    }
  }

  testing::AssertionResult all_have_the_last() {
    const std::string image = fmt::format("example.com/a:{}", version);
    for (const auto& service : api.list(kKnativeService, cluster.ns)) {
      const auto seen = is("image", at(service, "/spec/template/spec/containers/0/image"), image);
      if (!seen) return seen;
    }
    return testing::AssertionSuccess();
  }

  // Every apply of a Service made a new generation of it. (One that was on its way when the API
  // server died may have been carried out without being logged.)
  void expect_no_needless_apply() {
    int generations = 0;
    for (const auto& service : api.list(kKnativeService, cluster.ns)) {
      generations += std::stoi(at(service, "/metadata/generation"));
    }
    const auto applies = cluster.writes().of("patch", "services").only([](const AuditRequest& one) {
      return one.code == 200 || one.code == 201;
    });
    EXPECT_LE(applies.size(), static_cast<std::size_t>(generations));
  }
};

TEST_F(ApiServerRestart, CostsOneReadAKindAndNoNeedlessWrite) {
  cluster.start_operator();
  for (int i = 0; i < kCapps; ++i) api.create(kCapp, cluster.ns, a_capp(name_of(i)));
  ASSERT_TRUE(cluster.writes_stay_at(5 * kCapps));

  AuditLog since_restart(cluster.plane.audit_log());
  {
    const std::jthread changes([&](const std::stop_token& stop) { keep_changing(stop); });
    cluster.restart_apiserver();
  }
  ++version;
  for (int i = 0; i < kCapps; ++i) ASSERT_TRUE(try_set_image(name_of(i), version));
  EXPECT_TRUE(eventually([&] { return all_have_the_last(); }));
  for (int i = 0; i < kCapps; ++i) {
    EXPECT_TRUE(eventually([&] { return cluster.settled(name_of(i)); }));
  }
  expect_no_needless_apply();

  // A watch is logged when it ends.
  cluster.stop_operator();
  EXPECT_TRUE(eventually([&] {
    const auto watches = since_restart.of_operator().of("watch", "capps");
    return watches.empty() ? testing::AssertionFailure() << "no watch was logged"
                           : testing::AssertionSuccess();
  }));
  for (const auto& [what, count] : relists(since_restart.of_operator())) {
    EXPECT_LE(count, 1) << what;
  }
}

}  // namespace
}  // namespace test
