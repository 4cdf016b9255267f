#include "capp/leaf_cause.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/utf8.h"
#include "json/value.h"
#include "object/condition.h"

namespace capp {
namespace {

constexpr std::size_t kMaxText = 1024;  // of each foreign text, in bytes

// Knative's own container in every pod of a Revision. It, not the kubelet, makes the HTTP, TCP and
// gRPC readiness probes of the others, and is itself not ready until they pass.
constexpr std::string_view kQueueProxy = "queue-proxy";

// Of the troubles of one pod the first is told: the later ones may follow from it.
enum class Trouble { kImage, kStart, kCrash };

struct Cause {
  Trouble trouble;
  std::string text;
};

using Containers = std::vector<const boost::json::object*>;

bool is_space_or_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7F;
}

// Foreign text as a part of a sentence: on one line, without control characters, cut.
std::string told(std::string_view text) {
  const auto beginning = base::utf8_prefix(text, kMaxText);
  std::string line;
  line.reserve(beginning.size());
  for (const char c : beginning) {
    if (!is_space_or_control(c)) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  if (line.ends_with(' ')) line.pop_back();
  if (beginning.size() < text.size()) line += "…";
  return line;
}

std::string text_at(const boost::json::object& object, json::Path keys) {
  return told(json::string_at(object, keys));
}

// "what: why", of which either may be empty.
std::string joined(std::string what, std::string_view why) {
  if (!what.empty() && !why.empty()) what += ": ";
  return what += why;
}

std::string name_of(const boost::json::object& container) {
  return fmt::format("container \"{}\"", text_at(container, {"name"}));
}

// The states on the way to a running container (kubelet's PodInitializing and ContainerCreating).
bool is_on_its_way(std::string_view waiting_reason) {
  return waiting_reason.empty() || waiting_reason == "ContainerCreating" ||
         waiting_reason == "PodInitializing";
}

// kubelet's pkg/kubelet/images/types.go, and the CRI's SignatureValidationFailed.
bool is_about_the_image(std::string_view waiting_reason) {
  constexpr std::array<std::string_view, 7> kReasons{
      "ErrImagePull",      "ImagePullBackOff",    "InvalidImageName",         "ErrImageNeverPull",
      "ImageInspectError", "RegistryUnavailable", "SignatureValidationFailed"};
  return std::ranges::find(kReasons, waiting_reason) != kReasons.end();
}

// A pull that failed (ErrImagePull) and the wait for the next try (ImagePullBackOff) take turns,
// and newer kubelets repeat the error in the latter's message: told alike.
std::string pull_error(const boost::json::object& waiting) {
  const auto message = json::string_at(waiting, {"message"});
  const auto error = message.find("ErrImagePull: ");
  if (error != std::string_view::npos) return told(message.substr(error));
  return joined(text_at(waiting, {"reason"}), told(message));
}

Cause cannot_start(const boost::json::object& container, const boost::json::object& waiting) {
  if (is_about_the_image(json::string_at(waiting, {"reason"}))) {
    const auto subject = fmt::format("the image \"{}\" of {} cannot be pulled",
                                     text_at(container, {"image"}), name_of(container));
    return {Trouble::kImage, joined(subject, pull_error(waiting))};
  }
  const auto detail = joined(text_at(waiting, {"reason"}), text_at(waiting, {"message"}));
  return {Trouble::kStart, joined(name_of(container) + " cannot be started", detail)};
}

// Where the container runtime says no more than that it was an error: the signal that ended the
// process, of which 128 + its number is the exit code.
std::string exit_reason(std::string_view reason, std::int64_t code) {
  if (reason != "Error") return told(reason);
  constexpr std::array<std::pair<std::int64_t, std::string_view>, 4> kSignals{
      {{134, "SIGABRT"}, {137, "SIGKILL"}, {139, "SIGSEGV"}, {143, "SIGTERM"}}};
  const auto* const signal = std::ranges::find(kSignals, code, [](auto& row) { return row.first; });
  return signal == kSignals.end() ? std::string() : std::string(signal->second);
}

Cause crashed(const boost::json::object& container, const boost::json::object& terminated) {
  const auto code = json::int_at(terminated, {"exitCode"}).value_or(0);
  const auto reason = exit_reason(json::string_at(terminated, {"reason"}), code);
  return {Trouble::kCrash, joined(fmt::format("{} exited with code {}", name_of(container), code),
                                  joined(reason, text_at(terminated, {"message"})))};
}

bool is_ready(const boost::json::object& container) {
  return json::bool_at(container, {"ready"}).value_or(false);
}

bool is_running(const boost::json::object& container) {
  return json::object_at(container, {"state", "running"}) != nullptr;
}

// Why the container does not run, or did not go on running. One that crashes in a loop runs in
// between: as long as it is not ready, its last end counts.
std::optional<Cause> not_running(const boost::json::object& container) {
  if (is_ready(container)) return std::nullopt;
  const auto* terminated = json::object_at(container, {"state", "terminated"});
  if (terminated == nullptr) terminated = json::object_at(container, {"lastState", "terminated"});
  if (const auto* waiting = json::object_at(container, {"state", "waiting"})) {
    const auto reason = json::string_at(*waiting, {"reason"});
    if (is_on_its_way(reason)) return std::nullopt;
    if (reason != "CrashLoopBackOff" || terminated == nullptr) {
      return cannot_start(container, *waiting);
    }
  }
  if (terminated == nullptr) return std::nullopt;
  return crashed(container, *terminated);
}

void add_containers(Containers& containers, const boost::json::object& pod_status,
                    std::string_view key) {
  const auto* statuses = json::array_at(pod_status, {key});
  if (statuses == nullptr) return;
  for (const auto& status : *statuses) {
    if (const auto* container = status.if_object()) containers.push_back(container);
  }
}

bool is_queue_proxy(const boost::json::object* container) {
  return json::string_at(*container, {"name"}) == kQueueProxy;
}

// The user's containers first: the queue-proxy follows them.
Containers containers_of(const boost::json::object& pod_status) {
  Containers containers;
  add_containers(containers, pod_status, "containerStatuses");
  const auto proxy = std::ranges::find_if(containers, is_queue_proxy);
  if (proxy != containers.end()) std::rotate(proxy, proxy + 1, containers.end());
  return containers;
}

std::string not_running_cause(const boost::json::object& pod_status) {
  Containers containers;
  add_containers(containers, pod_status, "initContainerStatuses");
  std::ranges::copy(containers_of(pod_status), std::back_inserter(containers));
  std::optional<Cause> first;
  for (const auto* container : containers) {
    auto cause = not_running(*container);
    if (cause && (!first || cause->trouble < first->trouble)) first = std::move(cause);
  }
  return first ? std::move(first->text) : std::string();
}

// A container that runs and is not ready does not pass a probe. Containers come before the
// queue-proxy that probes them, so where it is the first, they wait for nothing else.
std::string probe_cause(const boost::json::object& pod_status) {
  const auto containers = containers_of(pod_status);
  const auto found = std::ranges::find_if_not(
      containers, [](const auto* container) { return is_ready(*container); });
  if (found == containers.end() || !is_running(**found)) return {};
  if (is_queue_proxy(*found)) return "the application runs, but does not pass its readiness probe";
  const bool started = json::bool_at(**found, {"started"}).value_or(true);
  return fmt::format("{} runs, but does not pass its {} probe", name_of(**found),
                     started ? "readiness" : "startup");
}

// Evicted, refused by the node, lost with it. A pod that fares well has no reason.
std::string failed_cause(const boost::json::object& pod_status) {
  const auto reason = text_at(pod_status, {"reason"});
  if (reason.empty()) return {};
  return joined("the pod failed", joined(reason, text_at(pod_status, {"message"})));
}

object::Condition condition_of(const boost::json::object& status, std::string_view type) {
  const auto* conditions = json::array_at(status, {"conditions"});
  return conditions == nullptr ? object::Condition{} : object::find_condition(*conditions, type);
}

std::string scheduling_cause(const boost::json::object& pod_status) {
  const auto scheduled = condition_of(pod_status, "PodScheduled");
  if (scheduled.status != object::ConditionStatus::kFalse) return {};
  return joined("the pod cannot be scheduled",
                joined(told(scheduled.reason), told(scheduled.message)));
}

std::string pod_cause(const boost::json::object& pod) {
  const auto& status = json::object_or_empty(pod, {"status"});
  for (const auto cause : {failed_cause, not_running_cause, probe_cause, scheduling_cause}) {
    if (auto text = cause(status); !text.empty()) return text;
  }
  return {};
}

// Timestamps of the API are RFC 3339 in UTC, to the second: their order is that of the text, and
// of two pods of one second the name decides, so that the answer stays.
auto creation_of(const boost::json::object& pod) {
  return std::tuple(json::string_at(pod, {"metadata", "creationTimestamp"}),
                    json::string_at(pod, {"metadata", "name"}));
}

bool is_terminating(const boost::json::object& pod) {
  return !json::string_at(pod, {"metadata", "deletionTimestamp"}).empty();
}

const boost::json::object* newest(const boost::json::array& pods) {
  const boost::json::object* newest = nullptr;
  for (const auto& element : pods) {
    const auto* pod = element.if_object();
    if (pod == nullptr || is_terminating(*pod)) continue;
    if (newest == nullptr || creation_of(*pod) > creation_of(*newest)) newest = pod;
  }
  return newest;
}

// Where a container hangs before it was made, Knative has the kubelet's reason and no message
// (revision/reconcile_resources.go); the events of the pod would tell more.
std::string_view explanation_of(std::string_view reason) {
  if (reason != "ContainerCreating") return {};
  return "the pod does not get as far as its containers; a Secret, ConfigMap or volume that it "
         "mounts may be missing";
}

// Knative's conditions from the most telling on; Ready repeats one of the others.
std::string condition_cause(const boost::json::object& revision_status) {
  for (const auto* type : {"ContainerHealthy", "ResourcesAvailable", "Ready"}) {
    const auto condition = condition_of(revision_status, type);
    if (condition.status != object::ConditionStatus::kFalse) continue;
    const auto message = told(condition.message);
    return joined(told(condition.reason),
                  message.empty() ? explanation_of(condition.reason) : message);
  }
  return {};
}

struct Share {
  std::string_view revision;
  std::int64_t percent;
};

// The revisions that get traffic, each once (an entry more for each tag).
std::vector<Share> shares_of(const boost::json::object& service_status) {
  std::vector<Share> shares;
  const auto* traffic = json::array_at(service_status, {"traffic"});
  if (traffic == nullptr) return shares;
  for (const auto& element : *traffic) {
    const auto* target = element.if_object();
    if (target == nullptr) continue;
    const auto revision = json::string_at(*target, {"revisionName"});
    const auto percent = json::int_at(*target, {"percent"}).value_or(0);
    if (revision.empty() || percent <= 0 || percent > 100) continue;
    const auto known = std::ranges::find(shares, revision, &Share::revision);
    if (known == shares.end()) {
      shares.push_back({revision, percent});
    } else {
      known->percent += percent;
    }
  }
  return shares;
}

}  // namespace

std::string leaf_cause(const boost::json::object& revision_status, const boost::json::array& pods) {
  if (const auto* pod = newest(pods)) {
    if (auto cause = pod_cause(*pod); !cause.empty()) return cause;
  }
  return condition_cause(revision_status);
}

std::string who_serves(const boost::json::object& service_status, std::string_view unready) {
  const auto shares = shares_of(service_status);
  if (shares.empty()) return "no revision serves yet";
  const auto affected = std::ranges::find(shares, unready, &Share::revision);
  if (affected != shares.end()) {
    return fmt::format("users may be affected: revision {} gets {}% of the traffic", told(unready),
                       affected->percent);
  }
  if (shares.size() == 1) {
    return "users are served by revision " + told(shares.front().revision);
  }
  std::vector<std::string> names;
  for (const auto& [revision, percent] : shares) {
    names.push_back(fmt::format("{} ({}%)", revision, percent));
  }
  return "users are served by revisions " + told(fmt::format("{}", fmt::join(names, ", ")));
}

}  // namespace capp
