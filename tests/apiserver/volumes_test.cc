// NFS volumes of a Capp (behaviour 1, "Status"; behaviour 2, NfsPvc).

#include <fmt/format.h>

#include "capp/kinds.h"
#include "json/value.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

using capp::kCapp;
using capp::kNfsPvc;

// One entry of nfsVolumes.
std::string volume(std::string_view name, std::string_view server = "nfs.example.com",
                   std::string_view size = "1Gi") {
  return fmt::format(
      R"({{"name": "{}", "server": "{}", "path": "/data", "capacity": {{"storage": "{}"}}}})", name,
      server, size);
}

std::string with_volumes(const std::string& entries) {
  return R"({"spec": {"volumesSpec": {"nfsVolumes": [)" + entries + "]}}}";
}

class Volumes : public SharedCluster {
 protected:
  void set_volumes(const std::string& entries) {
    api.merge_patch(kCapp, cluster.key("web"), with_volumes(entries));
  }
  void phases_are(std::string_view claim, std::string_view volume) {
    api.merge_patch(
        kNfsPvc, cluster.key("data"),
        fmt::format(R"({{"status": {{"pvcPhase": "{}", "pvPhase": "{}"}}}})", claim, volume),
        "status");
  }
  testing::AssertionResult volumes_are(std::string_view capp, std::string_view status,
                                       std::string_view reason, std::string_view words = {}) {
    const auto now = cluster.capp(capp);
    const auto seen = has_condition(now, "VolumesReady", status, reason);
    if (!seen) return seen;
    const std::string message = condition(now, "VolumesReady").message;
    return message.contains(words) ? testing::AssertionSuccess()
                                   : testing::AssertionFailure() << message;
  }
  testing::AssertionResult claims_are(const std::string& names) {
    std::string seen;
    for (const auto& claim : api.list(kNfsPvc, cluster.ns))
      seen += at(claim, "/metadata/name") + " ";
    return is("claims", seen, names);
  }
  std::string version_of(std::string_view claim) {
    return at(api.get(kNfsPvc, cluster.key(claim)), "/metadata/resourceVersion");
  }
  std::string template_volumes() {
    return at(cluster.service("web"), "/spec/template/spec/volumes");
  }
  // Of claims.
  Requests claim_writes() {
    return cluster.writes().only(
        [](const AuditRequest& write) { return write.resource == "nfspvcs"; });
  }
};

TEST_F(Volumes, EachIsAClaimAndAVolumeOfTheService) {
  cluster.create_settled(a_capp("web", with_volumes(volume("data") + "," + volume("logs"))));
  const auto claim = api.get(kNfsPvc, cluster.key("data"));
  auto spec = json::object_or_empty(claim, {"spec"});
  spec.erase("nfsVersion");  // a default of its schema
  EXPECT_EQ(spec, parse_object(R"({"server": "nfs.example.com", "path": "/data",
    "accessModes": ["ReadWriteMany"], "capacity": {"storage": "1Gi"}})"));
  EXPECT_EQ(label(claim, "rcs.dana.io/parent-capp"), "web");
  EXPECT_EQ(at(claim, "/metadata/ownerReferences/0/uid"), at(cluster.capp("web"), "/metadata/uid"));
  EXPECT_EQ(template_volumes(), R"([{"name":"data","persistentVolumeClaim":{"claimName":"data"}},)"
                                R"({"name":"logs","persistentVolumeClaim":{"claimName":"logs"}}])");
}

TEST_F(Volumes, AreReadyWhenClaimAndVolumeAreBound) {
  cluster.create_settled(a_capp("web", with_volumes(volume("data"))));
  EXPECT_TRUE(volumes_are("web", "False", "VolumesNotReady", "volume data"));
  EXPECT_EQ(at(cluster.capp("web"), "/status/volumesStatus/nfsVolumesStatus"),
            R"([{"volumeName":"data"}])");

  phases_are("Bound", "Available");
  EXPECT_TRUE(eventually([&] {
    return volumes_are("web", "False", "VolumesNotReady", "its PersistentVolume Available");
  }));
  phases_are("Pending", "Bound");
  EXPECT_TRUE(eventually([&] {
    return volumes_are("web", "False", "VolumesNotReady", "its PersistentVolumeClaim is Pending");
  }));
  phases_are("Bound", "Bound");
  EXPECT_TRUE(eventually([&] { return volumes_are("web", "True", "Ready"); }));
  EXPECT_EQ(at(cluster.capp("web"), "/status/volumesStatus/nfsVolumesStatus/0/nfsPvcStatus"),
            at(api.get(kNfsPvc, cluster.key("data")), "/status"));
}

// ecosystem 4.3.6: the claim of a removed volume stayed.
TEST_F(Volumes, OneRemovedFromTheListIsDeletedAndTheOthersStay) {
  cluster.create_settled(a_capp("web", with_volumes(volume("data") + "," + volume("logs"))));
  const std::string before = version_of("data");
  set_volumes(volume("data"));
  EXPECT_TRUE(eventually([&] { return claims_are("data "); }));
  EXPECT_TRUE(eventually([&] {
    return is("volumes", template_volumes(),
              R"([{"name":"data","persistentVolumeClaim":{"claimName":"data"}}])");
  }));
  EXPECT_EQ(version_of("data"), before);

  api.merge_patch(kCapp, cluster.key("web"), R"({"spec": {"volumesSpec": null}})");
  EXPECT_TRUE(eventually([&] { return claims_are(""); }));
  EXPECT_TRUE(eventually([&] { return is("volumes", template_volumes(), ""); }));
  EXPECT_TRUE(eventually([&] { return cluster.settled("web"); }));
  EXPECT_EQ(condition(cluster.capp("web"), "VolumesReady").status, "");
  EXPECT_EQ(at(cluster.capp("web"), "/status/volumesStatus"), "");
}

// ecosystem 4.3.6: an edit of what the server never changes looped.
TEST_F(Volumes, AChangedOneIsToldAndNeitherWrittenNorDeleted) {
  cluster.create_settled(a_capp("web", with_volumes(volume("data") + "," + volume("logs"))));
  const std::string before = version_of("data");
  cluster.audit.restart();

  set_volumes(volume("data", "other.example.com") + "," + volume("logs"));
  EXPECT_TRUE(eventually(
      [&] { return volumes_are("web", "False", "ResourceSyncFailed", "volume data: server is"); }));
  EXPECT_TRUE(has_condition(cluster.capp("web"), "Ready", "False", "ResourceSyncFailed"));
  // The revision and the status.
  EXPECT_TRUE(cluster.writes_stay_at(2));
  EXPECT_TRUE(claim_writes().empty()) << claim_writes().describe();
  EXPECT_EQ(version_of("data"), before);

  set_volumes(volume("data") + "," + volume("logs"));
  EXPECT_TRUE(eventually([&] { return volumes_are("web", "False", "VolumesNotReady"); }));
  EXPECT_EQ(version_of("data"), before);
}

TEST_F(Volumes, ASizeWrittenDifferentlyIsNoChange) {
  cluster.create_settled(a_capp("web", with_volumes(volume("data"))));
  const std::string before = version_of("data");
  cluster.audit.restart();
  set_volumes(volume("data", "nfs.example.com", "1024Mi"));
  // The status, since there is another generation: a typed client writes quantities its own way.
  EXPECT_TRUE(cluster.writes_stay_at(1));
  EXPECT_TRUE(volumes_are("web", "False", "VolumesNotReady"));
  EXPECT_EQ(version_of("data"), before);
}

// ecosystem 4.3.6 and 4.3.14: two Capps fought for one object.
TEST_F(Volumes, OneOfAnotherCappIsItsOwn) {
  cluster.create_settled(a_capp("first", with_volumes(volume("data"))));
  const std::string before = version_of("data");
  cluster.create_settled(a_capp("second", with_volumes(volume("data", "other.example.com"))));
  EXPECT_TRUE(volumes_are("second", "False", "ResourceSyncFailed", "controlled by Capp first"));
  EXPECT_EQ(version_of("data"), before);
  EXPECT_TRUE(volumes_are("first", "False", "VolumesNotReady"));
  EXPECT_EQ(at(cluster.capp("second"), "/status/volumesStatus"), "");

  api.remove(kCapp, cluster.key("second"));
  EXPECT_TRUE(eventually([&] { return is("Capps", api.list(kCapp, cluster.ns).size(), 1U); }));
  EXPECT_EQ(version_of("data"), before);
}

}  // namespace
}  // namespace test
