#include "capp/children/kafka_source.h"

#include <array>
#include <utility>

#include "capp/body.h"
#include "capp/children/event_source.h"

namespace capp {
namespace {

// Whoever changes a field by hand takes it from us. What we never applied is as it was created.
bool has_its_first_group(const object::Record& live) {
  if (live.owned.set == nullptr) return true;
  const auto* spec = live.owned.set->field("spec");
  return spec != nullptr && spec->field("consumerGroup") != nullptr;
}

// The group is where the consumers stand in the topics: another one would read them again from
// their start or end, so that the first one stays.
std::string consumer_group(const Kafka& kafka, const std::string& name,
                           const object::RecordPtr& live) {
  if (live != nullptr && has_its_first_group(*live)) {
    const auto body = body_of(*live);
    const std::string_view group = json::string_at(body, {"spec", "consumerGroup"});
    if (!group.empty()) return std::string(group);
  }
  return kafka.consumer_group.empty() ? name : kafka.consumer_group;
}

boost::json::object secret_key(const std::string& secret, std::string_view key) {
  return {{"secretKeyRef", {{"name", secret}, {"key", key}}}};
}

boost::json::object net_spec(const Kafka& kafka) {
  boost::json::object net{{"tls", {{"enable", false}}}};
  if (!kafka.secret.empty()) {
    net["sasl"] = {{"enable", true},
                   {"user", secret_key(kafka.secret, "user")},
                   {"password", secret_key(kafka.secret, "password")},
                   {"type", secret_key(kafka.secret, "sasl.mechanism")}};
  }
  return net;
}

boost::json::object kafka_spec(const Capp& capp, const EventSource& source, std::string group) {
  const Kafka& kafka = *source.kafka;
  const bool enabled = capp.spec.state == State::kEnabled;
  return {{"bootstrapServers", kafka.bootstrap_servers},
          {"topics", kafka.topics},
          {"consumerGroup", std::move(group)},
          {"consumers", enabled ? kafka.consumers : 0},
          {"net", net_spec(kafka)},
          {"sink", sink(capp, source)}};
}

}  // namespace

object::Projection KafkaSource::projection() const {
  return child_projection(std::array<std::string_view, 1>{"consumerGroup"});
}

std::vector<Asked> KafkaSource::wanted(const World& world) const {
  const Capp& capp = world.capp;
  std::vector<Asked> sources;
  for (const auto& source : capp.spec.sources) {
    if (!source.kafka) continue;
    const std::string name = source_name(capp, source);
    auto group = consumer_group(*source.kafka, name, find_ours(world, kKafkaSource, name));
    auto body = child_body(capp, kKafkaSource, name);
    body["spec"] = kafka_spec(capp, source, std::move(group));
    sources.push_back({.object = {.kind = &kKafkaSource,
                                  .key = {.ns = capp.key.ns, .name = name},
                                  .body = std::move(body)}});
  }
  return sources;
}

Health KafkaSource::health(const World& /*world*/, const object::Record& live) const {
  return ready_condition(live, status_of(live), kKafkaSource.kind);
}

boost::json::object KafkaSource::status(const World& /*world*/, const Live& live) const {
  return eventing_status(live.of(kKafkaSource));
}

}  // namespace capp
