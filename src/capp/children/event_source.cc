#include "capp/children/event_source.h"

#include <algorithm>
#include <utility>

#include "capp/body.h"
#include "capp/health.h"
#include "capp/world.h"

namespace capp {
namespace {

boost::json::object readiness(const boost::json::object& status) {
  auto ready = condition_of(status, "Ready");
  if (!ready.empty()) return ready;
  return {{"type", "Ready"}, {"status", "Unknown"}, {"message", "Source readiness not known"}};
}

}  // namespace

std::string source_name(const Capp& capp, const EventSource& source) {
  return capp.key.name + "-" + source.name;
}

boost::json::object sink(const Capp& capp, const EventSource& source) {
  auto reference = service_reference(capp);
  // Where it is absent Knative takes the source's own; written as the Go operator wrote it.
  reference["namespace"] = capp.key.ns;
  boost::json::object sink{{"ref", std::move(reference)}};
  if (!source.uri.empty()) sink["uri"] = source.uri;
  return sink;
}

boost::json::object eventing_status(std::span<const object::RecordPtr> records) {
  // behaviour 1: sorted by name.
  Records sorted(records.begin(), records.end());
  std::ranges::sort(sorted, {}, [](const auto& record) -> const auto& { return record->key.name; });
  boost::json::array sources;
  for (const auto& record : sorted) {
    sources.push_back({{"name", record->key.name}, {"condition", readiness(status_of(*record))}});
  }
  if (sources.empty()) return {};
  return {{"eventingStatus", {{"eventSources", std::move(sources)}}}};
}

}  // namespace capp
