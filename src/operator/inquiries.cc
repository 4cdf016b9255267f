#include "operator/inquiries.h"

#include <algorithm>
#include <utility>

#include "capp/kinds.h"
#include "json/parse.h"
#include "json/value.h"
#include "kube/request.h"

namespace op {
namespace {

using namespace std::chrono_literals;

// design 3.3: at each change of the Certificate, otherwise after 1, 2, 4 … 300 s.
constexpr AskSchedule::Options kTlsSecret{.first = 0s, .initial = 1s, .gap = 0s};
// A Revision that just starts is ready within some seconds; its pods are nobody's business then.
// The Revision of a container that crashes changes with each crash.
constexpr AskSchedule::Options kPods{.first = 3s, .initial = 5s, .gap = 5s};

// Of one Revision there are rarely more. The API server takes the first by name; all are made from
// one template.
constexpr std::size_t kMaxPods = 50;

constexpr std::string_view kRevisionLabel = "serving.knative.dev/revision";

const json::Filter& pod_filter() {
  static const json::Filter filter =
      json::Filter::keep({"/items/*/metadata/name", "/items/*/metadata/creationTimestamp",
                          "/items/*/metadata/deletionTimestamp", "/items/*/status"});
  return filter;
}

}  // namespace

Inquiries::Memory::Memory() : tls_secret(kTlsSecret), pods(kPods) {}

std::optional<std::chrono::milliseconds> Inquiries::answer(capp::World& world,
                                                           const std::stop_token& stop) {
  const capp::Lookups lookups = capp::lookups(world);
  if (!lookups.tls_secret && !lookups.pods) {
    forget(world.capp.key);
    return std::nullopt;
  }
  const auto memory = memory_of(world.capp.key);
  std::optional<std::chrono::milliseconds> again;
  const auto come_back = [&](const AskSchedule& schedule) {
    const auto remaining = schedule.remaining(base::Clock::now());
    again = std::min(again.value_or(remaining), remaining);
  };
  if (lookups.tls_secret) {
    ask(*lookups.tls_secret, *memory, stop);
    if (!memory->answers.tls_secret_exists) come_back(memory->tls_secret);
  } else {
    memory->answers.tls_secret_exists = false;
    memory->answers.tls_secret_problem.clear();
  }
  if (lookups.pods) {
    ask(*lookups.pods, *memory, stop);
    come_back(memory->pods);
  } else {
    memory->answers.pods.clear();
  }
  world.answers = memory->answers;
  return again;
}

void Inquiries::forget(const object::Key& capp) {
  const base::MutexLock lock(mutex_);
  memories_.erase(capp);
}

std::shared_ptr<Inquiries::Memory> Inquiries::memory_of(const object::Key& capp) {
  const base::MutexLock lock(mutex_);
  auto& memory = memories_[capp];
  if (memory == nullptr) memory = std::make_shared<Memory>();
  return memory;
}

// Its metadata only: what is in it is nobody's business here.
void Inquiries::ask(const capp::TlsSecretLookup& lookup, Memory& memory,
                    const std::stop_token& stop) {
  const auto now = base::Clock::now();
  if (memory.tls_secret.concerns(lookup.secret.name, lookup.certificate_version, now)) {
    memory.answers.tls_secret_exists = false;
  }
  if (!memory.tls_secret.is_due(now)) return;
  memory.tls_secret.asked(now);
  const auto answer =
      client_.send(kube::get(capp::kSecret, lookup.secret, kube::View::kMetadata), stop);
  const bool known = answer || answer.error().reason == base::Reason::kNotFound;
  memory.answers.tls_secret_problem = known ? std::string() : answer.error().describe();
  if (known) memory.answers.tls_secret_exists = answer.has_value();
}

void Inquiries::ask(const capp::PodsLookup& lookup, Memory& memory, const std::stop_token& stop) {
  const auto now = base::Clock::now();
  const std::uint64_t version = lookup.failed ? lookup.revision_version : 0;
  if (memory.pods.concerns(lookup.revision, version, now)) memory.answers.pods.clear();
  if (!memory.pods.is_due(now)) return;
  memory.pods.asked(now);
  const kube::Selection selection{
      .ns = lookup.ns,
      .label_selector = std::string(kRevisionLabel).append("=").append(lookup.revision),
      .field_selector = {}};
  const auto answer = client_.send(
      kube::list(capp::kPod, selection, {.limit = kMaxPods, .continue_token = {}, .at_least = {}}),
      stop);
  if (!answer) return;
  auto list = json::parse(answer->body, pod_filter());
  if (!list || !list->is_object()) return;
  const auto* pods = json::array_at(list->get_object(), {"items"});
  if (pods != nullptr) memory.answers.pods = *pods;
}

}  // namespace op
