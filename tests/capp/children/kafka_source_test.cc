#include "capp/children/kafka_source.h"

#include <gtest/gtest.h>

#include "tests/capp/passes.h"

namespace capp {
namespace {

// With one source, "orders", and these fields beside servers and topics.
ObjectBuilder a_capp_with_kafka(std::string_view more = {}) {
  return a_capp("web").with_spec("eventSourcesSpec", R"({"sources": [{"name": "orders",
      "kafkaSourceConfiguration": {"bootstrapServers": ["kafka.example:9092"],
      "topics": ["orders", "refunds"])" + std::string(more) +
                                                         "}}]}");
}

object::Wanted wanted_of(const World& world) {
  return only_object(KafkaSource().wanted(world));
}

boost::json::value spec_of(const World& world) {
  return wanted_of(world).body.at("spec");
}

TEST(KafkaSource, OfTopicsWithASecret) {
  const auto wanted = wanted_of(
      a_world(a_capp_with_kafka(R"(, "consumers": 3, "secretRef": {"name": "kafka-creds"})")));
  EXPECT_EQ(*wanted.kind, kKafkaSource);
  EXPECT_EQ(wanted.key, (object::Key{.ns = "shop", .name = "web-orders"}));
  EXPECT_THAT(wanted.body, IsJson(R"({
    "apiVersion": "sources.knative.dev/v1",
    "kind": "KafkaSource",
    "metadata": {
      "name": "web-orders",
      "namespace": "shop",
      "labels": {"rcs.dana.io/parent-capp": "web", "rcs.dana.io/managed-by": "capp"},
      "ownerReferences": [{
        "apiVersion": "rcs.dana.io/v1alpha1", "kind": "Capp", "name": "web", "uid": "uid-of-web",
        "controller": true, "blockOwnerDeletion": true}]
    },
    "spec": {
      "bootstrapServers": ["kafka.example:9092"],
      "topics": ["orders", "refunds"],
      "consumerGroup": "web-orders",
      "consumers": 3,
      "net": {
        "tls": {"enable": false},
        "sasl": {
          "enable": true,
          "user": {"secretKeyRef": {"name": "kafka-creds", "key": "user"}},
          "password": {"secretKeyRef": {"name": "kafka-creds", "key": "password"}},
          "type": {"secretKeyRef": {"name": "kafka-creds", "key": "sasl.mechanism"}}}
      },
      "sink": {"ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "web",
                       "namespace": "shop"}}
    }
  })"));
}

TEST(KafkaSource, WithoutASecretHasOneConsumerAndNoSasl) {
  const auto spec = spec_of(a_world(a_capp_with_kafka()));
  EXPECT_EQ(spec.at("consumers"), 1);
  EXPECT_THAT(spec.at("net"), IsJson(R"({"tls": {"enable": false}})"));
}

TEST(KafkaSource, ConsumesNothingWhileTheCappIsDisabled) {
  const auto capp = a_capp_with_kafka(R"(, "consumers": 3)");
  EXPECT_EQ(spec_of(a_world(capp)).at("consumers"), 3);
  EXPECT_EQ(spec_of(a_world(ObjectBuilder(capp).disabled())).at("consumers"), 0);
}

struct GroupCase {
  const char* name;
  World world;
  const char* group;
};

std::ostream& operator<<(std::ostream& out, const GroupCase& tested) {
  return out << tested.name;
}

class KafkaSourceGroup : public testing::TestWithParam<GroupCase> {};

// The group is where the consumers stand in the topics.
TEST_P(KafkaSourceGroup, IsFixedOnceCreated) {
  EXPECT_EQ(spec_of(GetParam().world).at("consumerGroup"), GetParam().group);
}

ObjectBuilder a_live_source() {
  return a_child(kKafkaSource, "web-orders").with("spec", R"({"consumerGroup": "first"})");
}

ObjectBuilder a_foreign_source() {
  return a_foreign_child(kKafkaSource, "web-orders").with("spec", R"({"consumerGroup": "theirs"})");
}

INSTANTIATE_TEST_SUITE_P(
    Cases, KafkaSourceGroup,
    testing::Values(
        GroupCase{"Default", a_world(a_capp_with_kafka()), "web-orders"},
        GroupCase{"EmptyIsTheDefault", a_world(a_capp_with_kafka(R"(, "consumerGroup": "")")),
                  "web-orders"},
        GroupCase{"Given", a_world(a_capp_with_kafka(R"(, "consumerGroup": "mine")")), "mine"},
        GroupCase{"KeptWhenNoneIsGiven", a_world(a_capp_with_kafka()).with(a_live_source()),
                  "first"},
        GroupCase{"KeptWhenAnotherIsGiven",
                  a_world(a_capp_with_kafka(R"(, "consumerGroup": "mine")")).with(a_live_source()),
                  "first"},
        GroupCase{"NotKnownOfALiveOne",
                  a_world(a_capp_with_kafka()).with(a_child(kKafkaSource, "web-orders")),
                  "web-orders"},
        GroupCase{"OfSomebodyElse", a_world(a_capp_with_kafka()).with(a_foreign_source()),
                  "web-orders"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(KafkaSource, IsHealthyWhenItsConditionSaysSo) {
  const auto health = [](const ObjectBuilder& live) {
    return KafkaSource().health(a_world(a_capp("web")), *read(live));
  };
  EXPECT_TRUE(health(a_live_source().ready()).ready);
  EXPECT_EQ(health(a_live_source()).message, "KafkaSource web-orders has no conditions yet");
  EXPECT_EQ(health(a_live_source().with_ready("False", "no brokers")).message, "no brokers");
}

}  // namespace
}  // namespace capp
