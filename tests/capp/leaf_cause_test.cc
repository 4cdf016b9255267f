#include "capp/leaf_cause.h"

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/utf8.h"
#include "json/value.h"
#include "tests/json/values.h"

namespace capp {
namespace {

// Containers as the kubelet tells of them, and Knative's sidecar beside each.
constexpr std::string_view kHealthy =
    R"({"name": "web", "ready": true, "started": true, "state": {"running": {}}})";
constexpr std::string_view kSidecar =
    R"({"name": "queue-proxy", "ready": true, "started": true, "state": {"running": {}}})";
constexpr std::string_view kSidecarNotReady =
    R"({"name": "queue-proxy", "ready": false, "started": true, "state": {"running": {}}})";
constexpr std::string_view kPullFails =
    R"({"name": "web", "image": "ghcr.io/a/web:2", "ready": false, "state": {"waiting": {
        "reason": "ErrImagePull", "message": "ghcr.io/a/web:2: not found"}}})";
constexpr std::string_view kCrashes =
    R"({"name": "web", "ready": false, "restartCount": 4, "state": {"waiting": {
          "reason": "CrashLoopBackOff",
          "message": "back-off 1m20s restarting failed container=web pod=web-00002-x_shop"}},
        "lastState": {"terminated": {
          "exitCode": 1, "reason": "Error", "message": "listen tcp :80: permission denied\n"}}})";
constexpr std::string_view kBeingMade =
    R"({"name": "web", "ready": false, "state": {"waiting": {"reason": "ContainerCreating"}}})";
constexpr std::string_view kNotReady =
    R"({"name": "web", "ready": false, "started": true, "state": {"running": {}}})";

boost::json::object a_pod(const std::vector<std::string_view>& containers,
                          std::string_view created = "2026-11-23T04:00:00Z") {
  boost::json::array statuses;
  for (const auto container : containers) statuses.push_back(boost::json::parse(container));
  return {{"metadata", {{"name", "web-00002-deployment-x"}, {"creationTimestamp", created}}},
          {"status", {{"phase", "Pending"}, {"containerStatuses", statuses}}}};
}

boost::json::object a_pod_with_status(std::string_view status) {
  auto pod = a_pod({});
  pod["status"] = boost::json::parse(status);
  return pod;
}

std::string cause_of(const boost::json::object& pod) {
  return leaf_cause({}, {pod});
}
std::string cause_of(std::string_view container) {
  return cause_of(a_pod({container, kSidecar}));
}

std::string cause_of_conditions(std::string_view conditions) {
  return leaf_cause({{"conditions", boost::json::parse(conditions)}}, {});
}

TEST(LeafCause, IsEmptyWhereNothingIsKnownToBeWrong) {
  EXPECT_EQ(leaf_cause({}, {}), "");
  EXPECT_EQ(cause_of(kHealthy), "");
  EXPECT_EQ(cause_of(a_pod({kBeingMade, kSidecarNotReady})), "");
  EXPECT_EQ(cause_of(R"({"name": "web", "ready": false, "state": {"waiting": {
      "reason": "PodInitializing"}}})"),
            "");
  EXPECT_EQ(cause_of_conditions(R"([
      {"type": "Ready", "status": "Unknown", "reason": "Deploying"},
      {"type": "ResourcesAvailable", "status": "Unknown", "reason": "Deploying"},
      {"type": "Active", "status": "False", "reason": "NoTraffic",
       "message": "The target is not receiving traffic."}])"),
            "");
}

TEST(LeafCause, ImageThatCannotBePulled) {
  EXPECT_EQ(cause_of(kPullFails),
            R"(the image "ghcr.io/a/web:2" of container "web" cannot be pulled: )"
            R"(ErrImagePull: ghcr.io/a/web:2: not found)");
  EXPECT_EQ(cause_of(R"({"name": "web", "image": "UPPER", "ready": false, "state": {"waiting": {
      "reason": "InvalidImageName",
      "message": "Failed to apply default image tag \"UPPER\": couldn't parse image reference"}}})"),
            R"(the image "UPPER" of container "web" cannot be pulled: InvalidImageName: )"
            R"(Failed to apply default image tag "UPPER": couldn't parse image reference)");
}

TEST(LeafCause, OfAPullThatWaitsIsTheErrorThatItWaitsFor) {
  EXPECT_EQ(cause_of(R"({"name": "web", "image": "ghcr.io/a/web:2", "ready": false,
      "state": {"waiting": {"reason": "ImagePullBackOff", "message":
        "Back-off pulling image \"ghcr.io/a/web:2\": ErrImagePull: ghcr.io/a/web:2: not found"}}})"),
            cause_of(kPullFails));
  // Kubelets that do not repeat it.
  EXPECT_EQ(cause_of(R"({"name": "web", "image": "web:2", "ready": false, "state": {"waiting": {
      "reason": "ImagePullBackOff", "message": "Back-off pulling image \"web:2\""}}})"),
            R"(the image "web:2" of container "web" cannot be pulled: )"
            R"(ImagePullBackOff: Back-off pulling image "web:2")");
}

TEST(LeafCause, MissingSecretOrConfigMapOrKey) {
  const auto cause_of_message = [](std::string_view message) {
    boost::json::object waiting{{"reason", "CreateContainerConfigError"}, {"message", message}};
    boost::json::object container{
        {"name", "web"}, {"ready", false}, {"state", {{"waiting", waiting}}}};
    return cause_of(boost::json::serialize(container));
  };
  const std::string start = R"(container "web" cannot be started: CreateContainerConfigError: )";
  for (const auto* message : {R"(secret "db" not found)", R"(configmap "settings" not found)",
                              "couldn't find key password in Secret shop/db"}) {
    EXPECT_EQ(cause_of_message(message), start + message);
  }
}

TEST(LeafCause, CommandThatDoesNotExist) {
  EXPECT_EQ(cause_of(R"({"name": "web", "ready": false,
      "state": {"waiting": {"reason": "RunContainerError", "message": "exec: \"/app\": no such file"}},
      "lastState": {"terminated": {"exitCode": 128, "reason": "StartError"}}})"),
            R"(container "web" cannot be started: RunContainerError: exec: "/app": no such file)");
}

TEST(LeafCause, CrashWithExitCodeAndLastWords) {
  EXPECT_EQ(cause_of(kCrashes),
            R"(container "web" exited with code 1: listen tcp :80: permission denied)");
  EXPECT_EQ(cause_of(R"({"name": "web", "ready": false, "state": {"terminated": {
      "exitCode": 0, "reason": "Completed"}}})"),
            R"(container "web" exited with code 0: Completed)");
}

TEST(LeafCause, CrashNamesTheMemoryLimitAndTheSignal) {
  const auto cause_of_exit = [](int code, std::string_view reason) {
    boost::json::object terminated{{"exitCode", code}, {"reason", reason}};
    boost::json::object container{
        {"name", "web"}, {"ready", false}, {"state", {{"terminated", terminated}}}};
    return cause_of(boost::json::serialize(container));
  };
  EXPECT_EQ(cause_of_exit(137, "OOMKilled"), R"(container "web" exited with code 137: OOMKilled)");
  EXPECT_EQ(cause_of_exit(137, "Error"), R"(container "web" exited with code 137: SIGKILL)");
  EXPECT_EQ(cause_of_exit(143, "Error"), R"(container "web" exited with code 143: SIGTERM)");
  EXPECT_EQ(cause_of_exit(2, "Error"), R"(container "web" exited with code 2)");
}

TEST(LeafCause, OfACrashLoopIsTheSameInEachOfItsStates) {
  const std::string terminated = R"({"terminated": {"exitCode": 1, "reason": "Error",
      "message": "listen tcp :80: permission denied"}})";
  const std::string container = R"({"name": "web", "ready": false, )";
  EXPECT_EQ(cause_of(container + R"("state": )" + terminated + "}"), cause_of(kCrashes));
  EXPECT_EQ(cause_of(container + R"("state": {"running": {}}, "lastState": )" + terminated + "}"),
            cause_of(kCrashes));
}

TEST(LeafCause, FormerCrashOfAReadyContainerIsNone) {
  EXPECT_EQ(cause_of(R"({"name": "web", "ready": true, "state": {"running": {}},
      "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}}})"),
            "");
}

TEST(LeafCause, InitContainerThatFails) {
  EXPECT_EQ(cause_of(a_pod_with_status(R"({"phase": "Pending", "initContainerStatuses": [
      {"name": "done", "ready": true, "state": {"terminated": {"exitCode": 0}}},
      {"name": "migrate", "ready": false, "state": {"terminated": {
        "exitCode": 3, "reason": "Error"}}}],
      "containerStatuses": [{"name": "web", "ready": false, "state": {"waiting": {
        "reason": "PodInitializing"}}}]})")),
            R"(container "migrate" exited with code 3)");
}

TEST(LeafCause, InitContainerAtWorkIsNone) {
  EXPECT_EQ(cause_of(a_pod_with_status(R"({"phase": "Pending", "initContainerStatuses": [
      {"name": "migrate", "ready": false, "started": true, "state": {"running": {}}}],
      "containerStatuses": [{"name": "web", "ready": false, "state": {"waiting": {
        "reason": "PodInitializing"}}}]})")),
            "");
}

TEST(LeafCause, ProbeThatTheKubeletMakes) {
  EXPECT_EQ(cause_of(a_pod({kNotReady, kSidecarNotReady})),
            R"(container "web" runs, but does not pass its readiness probe)");
  EXPECT_EQ(cause_of(R"({"name": "web", "ready": false, "started": false,
      "state": {"running": {}}})"),
            R"(container "web" runs, but does not pass its startup probe)");
}

TEST(LeafCause, ProbeThatTheQueueProxyMakes) {
  EXPECT_EQ(cause_of(a_pod({kSidecarNotReady, kHealthy})),
            "the application runs, but does not pass its readiness probe");
}

TEST(LeafCause, QueueProxyThatFailsItself) {
  EXPECT_EQ(cause_of(a_pod({kHealthy, R"({"name": "queue-proxy", "ready": false, "image": "q:1",
      "state": {"waiting": {"reason": "ErrImagePull", "message": "no route to host"}}})"})),
            R"(the image "q:1" of container "queue-proxy" cannot be pulled: )"
            R"(ErrImagePull: no route to host)");
}

TEST(LeafCause, PodThatCannotBeScheduled) {
  EXPECT_EQ(cause_of(a_pod_with_status(R"({"phase": "Pending", "conditions": [
      {"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
       "message": "0/3 nodes are available: 3 Insufficient cpu."}]})")),
            "the pod cannot be scheduled: Unschedulable: "
            "0/3 nodes are available: 3 Insufficient cpu.");
}

TEST(LeafCause, PodThatWasEvicted) {
  EXPECT_EQ(cause_of(a_pod_with_status(R"({"phase": "Failed", "reason": "Evicted",
      "message": "The node was low on resource: memory. ",
      "containerStatuses": [{"name": "web", "ready": false, "state": {"terminated": {
        "exitCode": 137, "reason": "ContainerStatusUnknown"}}}]})")),
            "the pod failed: Evicted: The node was low on resource: memory.");
}

TEST(LeafCause, OfSeveralIsTheOneThatOthersFollowFrom) {
  constexpr std::string_view kOtherCrashes = R"({"name": "other", "ready": false,
      "state": {"terminated": {"exitCode": 9, "reason": "Error"}}})";
  constexpr std::string_view kOtherLacksASecret = R"({"name": "other", "ready": false,
      "state": {"waiting": {"reason": "CreateContainerConfigError",
        "message": "secret \"db\" not found"}}})";
  EXPECT_EQ(cause_of(a_pod({kOtherCrashes, kPullFails})), cause_of(kPullFails));
  EXPECT_EQ(cause_of(a_pod({kOtherLacksASecret, kPullFails})), cause_of(kPullFails));
  EXPECT_EQ(cause_of(a_pod({kCrashes, kOtherLacksASecret})), cause_of(kOtherLacksASecret));
  EXPECT_EQ(cause_of(a_pod({kNotReady, kOtherCrashes})), cause_of(kOtherCrashes));
}

TEST(LeafCause, OfAlikeIsTheUsersBeforeTheQueueProxys) {
  EXPECT_EQ(cause_of(a_pod({R"({"name": "queue-proxy", "ready": false, "state": {"terminated": {
      "exitCode": 2, "reason": "Error"}}})",
                            kCrashes})),
            cause_of(kCrashes));
}

TEST(LeafCause, IsTheNewestPodsInAnyOrder) {
  const auto older = a_pod({kPullFails, kSidecar}, "2026-11-23T03:59:59Z");
  const auto newer = a_pod({kCrashes, kSidecar}, "2026-11-23T04:00:00Z");
  EXPECT_EQ(leaf_cause({}, {older, newer}), cause_of(kCrashes));
  EXPECT_EQ(leaf_cause({}, {newer, older}), cause_of(kCrashes));
}

TEST(LeafCause, IsNeverThatOfAPodThatIsBeingDeleted) {
  auto leaving = a_pod({kPullFails, kSidecar}, "2026-11-23T05:00:00Z");
  leaving["metadata"].as_object()["deletionTimestamp"] = "2026-11-23T05:01:00Z";
  EXPECT_EQ(leaf_cause({}, {leaving, a_pod({kCrashes, kSidecar})}), cause_of(kCrashes));
  EXPECT_EQ(leaf_cause({}, {leaving}), "");
}

TEST(LeafCause, ImageThatKnativeCannotResolve) {
  const std::string_view message =
      "Unable to fetch image \"ghcr.io/a/web:2\": failed to resolve image to digest: HEAD "
      "https://ghcr.io/v2/a/web/manifests/2: unexpected status code 404 Not Found";
  const boost::json::array conditions{
      {{"type", "Ready"}, {"status", "False"}, {"reason", "ContainerMissing"}, {"message", "x"}},
      {{"type", "ContainerHealthy"},
       {"status", "False"},
       {"reason", "ContainerMissing"},
       {"message", message}},
      {{"type", "ResourcesAvailable"}, {"status", "Unknown"}}};
  EXPECT_EQ(leaf_cause({{"conditions", conditions}}, {}),
            "ContainerMissing: " + std::string(message));
}

TEST(LeafCause, QuotaThatRefusesThePods) {
  EXPECT_EQ(cause_of_conditions(R"([
      {"type": "Ready", "status": "False", "reason": "FailedCreate", "message": "repeated"},
      {"type": "ResourcesAvailable", "status": "False", "reason": "FailedCreate",
       "message": "pods \"web-00002-deployment-\" is forbidden: exceeded quota: shop, requested: pods=1, used: pods=4, limited: pods=4"}])"),
            "FailedCreate: pods \"web-00002-deployment-\" is forbidden: exceeded quota: shop, "
            "requested: pods=1, used: pods=4, limited: pods=4");
}

TEST(LeafCause, OfTheConditionsIsTheContainersBeforeTheDeadline) {
  EXPECT_EQ(cause_of_conditions(R"([
      {"type": "ResourcesAvailable", "status": "False", "reason": "ProgressDeadlineExceeded",
       "message": "Initial scale was never achieved"},
      {"type": "ContainerHealthy", "status": "False", "reason": "ExitCode1",
       "message": "Container failed with: no database"}])"),
            "ExitCode1: Container failed with: no database");
  EXPECT_EQ(cause_of_conditions(R"([
      {"type": "Ready", "status": "False", "reason": "NotOwned", "message": "not ours"}])"),
            "NotOwned: not ours");
}

TEST(LeafCause, ContainerThatIsNeverMade) {
  const boost::json::object revision{
      {"conditions",
       {{{"type", "ResourcesAvailable"}, {"status", "False"}, {"reason", "ContainerCreating"}}}}};
  EXPECT_EQ(leaf_cause(revision, {a_pod({kBeingMade, kSidecarNotReady})}),
            "ContainerCreating: the pod does not get as far as its containers; a Secret, ConfigMap "
            "or volume that it mounts may be missing");
}

TEST(LeafCause, IsThePodsBeforeTheConditions) {
  const boost::json::object revision{{"conditions",
                                      {{{"type", "ContainerHealthy"},
                                        {"status", "False"},
                                        {"reason", "ExitCode1"},
                                        {"message", "Container failed with: "}}}}};
  EXPECT_EQ(leaf_cause(revision, {a_pod({kCrashes, kSidecar})}), cause_of(kCrashes));
  EXPECT_EQ(leaf_cause(revision, {a_pod({kHealthy, kSidecar})}),
            "ExitCode1: Container failed with:");
}

TEST(LeafCause, IsOnOneLineWithoutControlCharacters) {
  EXPECT_EQ(cause_of(R"({"name": "web", "ready": false, "state": {"terminated": {"exitCode": 1,
      "reason": "Error", "message": "\npanic:\u001b[31m no  db\r\n\tmain.go:7\n"}}})"),
            R"(container "web" exited with code 1: panic: [31m no db main.go:7)");
}

TEST(LeafCause, CutsAHugeMessageAndKeepsTheReason) {
  std::string huge;
  while (huge.size() < 1'000'000) huge += "\u20ac";
  const boost::json::object waiting{{"reason", "CreateContainerError"}, {"message", huge}};
  const boost::json::object container{
      {"name", "web"}, {"ready", false}, {"state", {{"waiting", waiting}}}};
  EXPECT_EQ(cause_of(boost::json::serialize(container)),
            R"(container "web" cannot be started: CreateContainerError: )" + huge.substr(0, 1023) +
                "…");  // 341 characters of 3 bytes
}

std::string who_serves_by(std::string_view traffic, std::string_view unready = "web-00002") {
  return who_serves({{"traffic", boost::json::parse(traffic)}}, unready);
}

TEST(WhoServes, RevisionThatHasTheTraffic) {
  EXPECT_EQ(
      who_serves_by(R"([{"revisionName": "web-00001", "latestRevision": true, "percent": 100}])"),
      "users are served by revision web-00001");
}

TEST(WhoServes, SeveralWithTheirShares) {
  EXPECT_EQ(who_serves_by(R"([{"revisionName": "web-00001", "percent": 80},
                              {"revisionName": "web-00003", "percent": 15},
                              {"revisionName": "web-00001", "percent": 5, "tag": "old"}])"),
            "users are served by revisions web-00001 (85%), web-00003 (15%)");
}

TEST(WhoServes, NobodyBeforeTheFirstIsReady) {
  EXPECT_EQ(who_serves({}, "web-00001"), "no revision serves yet");
  EXPECT_EQ(who_serves_by(R"([{"revisionName": "web-00001", "percent": 0, "tag": "t"},
                              {"revisionName": "web-00001", "tag": "u"}])"),
            "no revision serves yet");
}

TEST(WhoServes, UsersOfTheUnreadyOneMayBeAffected) {
  EXPECT_EQ(who_serves_by(R"([{"revisionName": "web-00002", "percent": 100}])"),
            "users may be affected: revision web-00002 gets 100% of the traffic");
  EXPECT_EQ(who_serves_by(R"([{"revisionName": "web-00001", "percent": 90},
                              {"revisionName": "web-00002", "percent": 10}])"),
            "users may be affected: revision web-00002 gets 10% of the traffic");
}

// Every value in `value`, itself included.
std::vector<boost::json::value*> values_in(boost::json::value& value) {
  std::vector<boost::json::value*> found{&value};
  const auto add = [&](boost::json::value& inner) {
    for (auto* each : values_in(inner)) found.push_back(each);
  };
  if (auto* array = value.if_array()) {
    for (auto& element : *array) add(element);
  } else if (auto* object = value.if_object()) {
    for (auto& member : *object) add(member.value());
  }
  return found;
}

bool is_one_line_of_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto length = base::utf8_character_length(text);
    if (length == 0 || static_cast<unsigned char>(text.front()) < 0x20) return false;
    text.remove_prefix(length);
  }
  return true;
}

// Statuses as they come, and anything in the place of some of their values.
RC_GTEST_PROP(LeafCause, SurvivesAnyJsonAnywhere, ()) {
  auto unschedulable = a_pod_with_status(R"({"phase": "Failed", "reason": "Evicted", "conditions": [
      {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "m"}]})");
  boost::json::value world{
      {"pods",
       {unschedulable, a_pod({kCrashes, kSidecarNotReady}), a_pod({kPullFails, kNotReady})}},
      {"revision",
       {{"conditions", {{{"type", "ContainerHealthy"}, {"status", "False"}, {"reason", "r"}}}}}},
      {"service", {{"traffic", {{{"revisionName", "web-00001"}, {"percent", 100}}}}}}};
  for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
    const auto values = values_in(world);
    *values[*rc::gen::inRange<std::size_t>(0, values.size())] = *json::test::any_value();
  }
  const auto* given = world.if_object();
  if (given == nullptr) return;
  const auto* pods = json::array_at(*given, {"pods"});
  const auto cause = leaf_cause(json::object_or_empty(*given, {"revision"}),
                                pods != nullptr ? *pods : boost::json::array{});
  const auto serving = who_serves(json::object_or_empty(*given, {"service"}), "web-00001");
  RC_ASSERT(is_one_line_of_utf8(cause));
  RC_ASSERT(is_one_line_of_utf8(serving) && !serving.empty());
}

}  // namespace
}  // namespace capp
