#include "capp/children/nfs_pvc.h"

#include <gtest/gtest.h>

#include "tests/capp/passes.h"

namespace capp {
namespace {

using testing::Contains;
using testing::ElementsAre;

ObjectBuilder a_capp_with_volumes(std::string_view volumes) {
  return a_capp("web").with_spec("volumesSpec", R"({"nfsVolumes": )" + std::string(volumes) + "}");
}

ObjectBuilder a_capp_with_volume(std::string_view capacity = "200Gi",
                                 std::string_view path = "/export") {
  return a_capp_with_volumes(R"([{"name": "data", "server": "nfs.example", "path": ")" +
                             std::string(path) + R"(", "capacity": {"storage": ")" +
                             std::string(capacity) + R"("}}])");
}

constexpr const char* kSpec = R"({"server": "nfs.example", "path": "/export",
    "accessModes": ["ReadWriteMany"], "capacity": {"storage": "200Gi"}})";

ObjectBuilder a_claim() {
  return a_child(kNfsPvc, "data").with("spec", kSpec);
}

ObjectBuilder a_bound_claim() {
  return a_claim().with("status", R"({"pvcPhase": "Bound", "pvPhase": "Bound"})");
}

TEST(NfsPvc, OfAVolume) {
  const auto wanted = only_object(NfsPvc().wanted(a_world(a_capp_with_volume())));
  EXPECT_EQ(*wanted.kind, kNfsPvc);
  EXPECT_EQ(wanted.key, (object::Key{.ns = "shop", .name = "data"}));
  EXPECT_THAT(wanted.body, IsJson(R"({
    "apiVersion": "nfspvc.dana.io/v1alpha1",
    "kind": "NfsPvc",
    "metadata": {
      "name": "data",
      "namespace": "shop",
      "labels": {"rcs.dana.io/parent-capp": "web", "rcs.dana.io/managed-by": "capp"},
      "ownerReferences": [{
        "apiVersion": "rcs.dana.io/v1alpha1", "kind": "Capp", "name": "web", "uid": "uid-of-web",
        "controller": true, "blockOwnerDeletion": true}]
    },
    "spec": {"server": "nfs.example", "path": "/export", "accessModes": ["ReadWriteMany"],
             "capacity": {"storage": "200Gi"}}
  })"));
}

TEST(NfsPvc, TakenOffTheListIsDeleted) {
  EXPECT_THAT(lines(plan(a_world(a_capp("web")).with(a_bound_claim()))),
              ElementsAre("write Service shop/web", "delete NfsPvc shop/data",
                          "create CappRevision shop/web-00001"));
}

TEST(NfsPvc, IsKeptWhileTheCappIsDisabled) {
  EXPECT_THAT(lines(plan(a_world(a_capp_with_volume().disabled()).with(a_bound_claim()))),
              ElementsAre("write NfsPvc shop/data", "create CappRevision shop/web-00001"));
}

struct Change {
  const char* name;
  const char* volume;
  const char* told;
};

std::ostream& operator<<(std::ostream& out, const Change& change) {
  return out << change.name;
}

class ChangedVolume : public testing::TestWithParam<Change> {};

// Nothing that a Capp says of a volume can be changed on the server: neither is the claim written
// in vain, nor deleted with what it holds.
TEST_P(ChangedVolume, IsToldAndNeitherWrittenNorDeleted) {
  const World& world = a_world(a_capp_with_volumes(std::string("[") + GetParam().volume + "]"))
                           .with(a_ready_service())
                           .with(a_bound_claim());
  EXPECT_THAT(lines(plan(world)), ElementsAre("write Service shop/web", "hold NfsPvc shop/data",
                                              "create CappRevision shop/web-00001"));
  const auto result = report_of(world);
  const std::string message =
      std::string(GetParam().told) +
      "; to change it, give the volume another name, or take it off the list and add it again when "
      "its claim is gone";
  EXPECT_THAT(conditions(result), Contains("Ready=False ResourceSyncFailed: " + message));
  EXPECT_THAT(conditions(result), Contains("VolumesReady=False ResourceSyncFailed: " + message));
  // Its status is shown as before, since it works as before.
  EXPECT_THAT(result.status.at("volumesStatus"), IsJson(R"({"nfsVolumesStatus": [
      {"volumeName": "data", "nfsPvcStatus": {"pvcPhase": "Bound", "pvPhase": "Bound"}}]})"));
}

INSTANTIATE_TEST_SUITE_P(
    Fields, ChangedVolume,
    testing::Values(
        Change{
            "Server",
            R"({"name": "data", "server": "other", "path": "/export",
                   "capacity": {"storage": "200Gi"}})",
            R"(volume data: server is "nfs.example" since its creation and cannot become "other")"},
        Change{"Path",
               R"({"name": "data", "server": "nfs.example", "path": "/",
                   "capacity": {"storage": "200Gi"}})",
               R"(volume data: path is "/export" since its creation and cannot become "/")"},
        Change{
            "Capacity",
            R"({"name": "data", "server": "nfs.example", "path": "/export",
                   "capacity": {"storage": "300Gi"}})",
            R"(volume data: capacity is {"storage":"200Gi"} since its creation and cannot become )"
            R"({"storage":"300Gi"})"},
        Change{
            "MoreCapacities",
            R"({"name": "data", "server": "nfs.example", "path": "/export",
                   "capacity": {"storage": "200Gi", "other": "1"}})",
            R"(volume data: capacity is {"storage":"200Gi"} since its creation and cannot become )"
            R"({"storage":"200Gi","other":"1"})"}),
    [](const auto& tested) { return std::string(tested.param.name); });

// A claim's schema compares the text, so that the claim's own spelling is what is written.
TEST(NfsPvc, TheSameCapacityInOtherWordsIsNoChange) {
  const auto wanted =
      NfsPvc().wanted(a_world(a_capp_with_volume("204800Mi")).with(a_bound_claim()));
  ASSERT_EQ(wanted.size(), 1U);
  EXPECT_EQ(wanted.front().obstacle, "");
  EXPECT_THAT(wanted.front().object.body.at("spec"), IsJson(kSpec));
}

TEST(NfsPvc, OfSomebodyElseIsNoChangedVolume) {
  const auto foreign = a_foreign_child(kNfsPvc, "data").with("spec", R"({"server": "theirs"})");
  const auto wanted = NfsPvc().wanted(a_world(a_capp_with_volume()).with(foreign));
  ASSERT_EQ(wanted.size(), 1U);
  EXPECT_EQ(wanted.front().obstacle, "");
}

// Of a claim that goes, what it was does not count.
TEST(NfsPvc, ThatIsBeingDeletedIsAwaitedThoughItsVolumeHasChanged) {
  EXPECT_THAT(lines(plan(a_world(a_capp_with_volume("1Gi")).with(a_claim().terminating()))),
              Contains("await NfsPvc shop/data"));
}

TEST(NfsPvc, IsHealthyWhenClaimAndVolumeAreBound) {
  const auto health = [](std::string_view status) {
    return NfsPvc().health(a_world(a_capp("web")), *read(a_claim().with("status", status)));
  };
  EXPECT_TRUE(health(R"({"pvcPhase": "Bound", "pvPhase": "Bound"})").ready);
  EXPECT_EQ(health(R"({"pvcPhase": "Pending", "pvPhase": "Bound"})").message,
            "volume data: its PersistentVolumeClaim is Pending, its PersistentVolume Bound");
  EXPECT_EQ(health(R"({"pvcPhase": "Bound", "pvPhase": "Available"})").message,
            "volume data: its PersistentVolumeClaim is Bound, its PersistentVolume Available");
  EXPECT_EQ(health("{}").message,
            "volume data: its PersistentVolumeClaim is not known yet, its PersistentVolume not "
            "known yet");
}

TEST(NfsPvc, ShowsEachVolumeInTheStatus) {
  const auto capp = a_capp_with_volumes(R"([
      {"name": "data", "server": "nfs.example", "path": "/export", "capacity": {"storage": "200Gi"}},
      {"name": "logs", "server": "nfs.example", "path": "/logs", "capacity": {"storage": "1Gi"}},
      {"name": "new", "server": "nfs.example", "path": "/new", "capacity": {"storage": "1Gi"}}])");
  const auto result = report_of(a_world(capp).with(a_child(kNfsPvc, "logs")).with(a_bound_claim()));
  EXPECT_THAT(result.status.at("volumesStatus"), IsJson(R"({"nfsVolumesStatus": [
      {"volumeName": "data", "nfsPvcStatus": {"pvcPhase": "Bound", "pvPhase": "Bound"}},
      {"volumeName": "logs"}]})"));
  // In the order of the list, also where one is not written: readers tell no change from a move.
  const auto held =
      report_of(a_world(capp).with(a_child(kNfsPvc, "logs")).with(a_bound_claim().terminating()));
  EXPECT_EQ(held.status.at("volumesStatus"), result.status.at("volumesStatus"));
}

}  // namespace
}  // namespace capp
