#include "capp/children/ping_source.h"

#include "capp/body.h"
#include "capp/children/event_source.h"

namespace capp {
namespace {

boost::json::object ping_spec(const Capp& capp, const EventSource& source) {
  boost::json::object spec{{"schedule", source.ping->schedule},
                           {"contentType", "application/json"},
                           {"sink", sink(capp, source)}};
  if (!source.ping->data.empty()) spec["data"] = source.ping->data;
  return spec;
}

}  // namespace

std::vector<Asked> PingSource::wanted(const World& world) const {
  const Capp& capp = world.capp;
  std::vector<Asked> sources;
  for (const auto& source : capp.spec.sources) {
    if (!source.ping) continue;
    const std::string name = source_name(capp, source);
    auto body = child_body(capp, kPingSource, name);
    body["spec"] = ping_spec(capp, source);
    sources.push_back({.object = {.kind = &kPingSource,
                                  .key = {.ns = capp.key.ns, .name = name},
                                  .body = std::move(body)}});
  }
  return sources;
}

Health PingSource::health(const World& /*world*/, const object::Record& live) const {
  return ready_condition(live, status_of(live), kPingSource.kind);
}

boost::json::object PingSource::status(const World& /*world*/, const Live& live) const {
  return eventing_status(live.of(kPingSource));
}

}  // namespace capp
