// Event sources of a Capp (behaviour 1, `eventSourcesSpec` and `eventingStatus`; behaviour 2,
// PingSource and KafkaSource).

#include <fmt/format.h>

#include "capp/kinds.h"
#include "json/value.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

using capp::kCapp;
using capp::kKafkaSource;
using capp::kPingSource;

constexpr std::string_view kReady = R"([{"type": "Ready", "status": "True"}])";

// Of eventSourcesSpec.sources.
constexpr const char* kPing = R"({"name": "hourly", "uri": "/events/ping",
    "pingSourceConfiguration": {"schedule": "0 * * * *", "data": "{\"k\":\"v\"}"}})";
constexpr const char* kKafka = R"({"name": "orders", "uri": "/orders", "kafkaSourceConfiguration": {
    "bootstrapServers": ["kafka.example.com:9092"], "topics": ["orders", "returns"],
    "consumerGroup": "shop", "consumers": 3, "secretRef": {"name": "kafka-creds"}}})";
constexpr const char* kBarePing = R"({"name": "hourly", "pingSourceConfiguration": {}})";
constexpr const char* kBareKafka = R"({"name": "orders", "kafkaSourceConfiguration": {
    "bootstrapServers": ["kafka.example.com:9092"], "topics": ["orders"]}})";

std::string with_sources(const std::string& sources) {
  return R"({"spec": {"eventSourcesSpec": {"sources": [)" + sources + "]}}}";
}

class EventSources : public SharedCluster {
 protected:
  void change(const std::string& merge_patch) { api.merge_patch(kCapp, web, merge_patch); }
  void says(const object::Kind& kind, std::string_view name, std::string_view conditions) {
    api.merge_patch(kind, cluster.key(name),
                    fmt::format(R"({{"status": {{"conditions": {}}}}})", conditions), "status");
  }
  Api::Object spec_of(const object::Kind& kind, std::string_view name) {
    return json::object_or_empty(api.get(kind, cluster.key(name)), {"spec"});
  }
  Api::Object kafka_source() { return api.get(kKafkaSource, cluster.key("web-orders")); }
  testing::AssertionResult consumers_are(std::string_view count) {
    return is("consumers", at(kafka_source(), "/spec/consumers"), count);
  }
  testing::AssertionResult sources_are(std::size_t pings, std::size_t kafkas) {
    const auto seen = is("PingSources", api.list(kPingSource, cluster.ns).size(), pings);
    return seen ? is("KafkaSources", api.list(kKafkaSource, cluster.ns).size(), kafkas) : seen;
  }
  testing::AssertionResult eventing_is(std::string_view status, std::string_view reason) {
    return has_condition(cluster.capp("web"), "EventingReady", status, reason);
  }
  Api::Object eventing_status() {
    return json::object_or_empty(cluster.capp("web"), {"status", "eventingStatus"});
  }

  object::Key web = cluster.key("web");
};

TEST_F(EventSources, APingSourceSendsToTheService) {
  cluster.create_settled(a_capp("web", with_sources(kPing)));
  EXPECT_EQ(spec_of(kPingSource, "web-hourly"), parse_object(R"({
    "schedule": "0 * * * *", "data": "{\"k\":\"v\"}", "contentType": "application/json",
    "sink": {"ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "web",
                     "namespace": ")" + cluster.ns +
                                                             R"("},
             "uri": "/events/ping"}})"));
  const auto source = api.get(kPingSource, cluster.key("web-hourly"));
  EXPECT_EQ(label(source, "rcs.dana.io/parent-capp"), "web");
  EXPECT_EQ(at(source, "/metadata/ownerReferences/0/uid"),
            at(cluster.capp("web"), "/metadata/uid"));
}

TEST_F(EventSources, AKafkaSourceReadsItsKeysFromTheSecret) {
  cluster.create_settled(a_capp("web", with_sources(kKafka)));
  const auto spec = spec_of(kKafkaSource, "web-orders");
  EXPECT_EQ(at(spec, "/bootstrapServers"), R"(["kafka.example.com:9092"])");
  EXPECT_EQ(at(spec, "/topics"), R"(["orders","returns"])");
  EXPECT_EQ(at(spec, "/consumerGroup"), "shop");
  EXPECT_EQ(at(spec, "/consumers"), "3");
  EXPECT_EQ(json::object_or_empty(spec, {"sink"}), parse_object(R"({
    "ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "web",
            "namespace": ")" + cluster.ns +
                                                                R"("},
    "uri": "/orders"})"));
  EXPECT_EQ(json::object_or_empty(spec, {"net"}), parse_object(R"({"tls": {"enable": false},
    "sasl": {"enable": true,
             "user": {"secretKeyRef": {"name": "kafka-creds", "key": "user"}},
             "password": {"secretKeyRef": {"name": "kafka-creds", "key": "password"}},
             "type": {"secretKeyRef": {"name": "kafka-creds", "key": "sasl.mechanism"}}}})"));
}

TEST_F(EventSources, WhatIsNotGivenHasItsDefault) {
  cluster.create_settled(a_capp("web", with_sources(std::string(kBareKafka) + "," + kBarePing)));
  EXPECT_EQ(at(spec_of(kPingSource, "web-hourly"), "/schedule"), "* * * * *");
  EXPECT_EQ(at(spec_of(kPingSource, "web-hourly"), "/sink/uri"), "");
  const auto kafka = spec_of(kKafkaSource, "web-orders");
  EXPECT_EQ(at(kafka, "/consumerGroup"), "web-orders");
  EXPECT_EQ(at(kafka, "/consumers"), "1");
  EXPECT_EQ(at(kafka, "/net/sasl/enable"), "");
}

// Another group would read the topics from their beginning or end.
TEST_F(EventSources, TheConsumerGroupIsFixedOnceCreated) {
  cluster.create_settled(a_capp("web", with_sources(kKafka)));
  change(with_sources(R"({"name": "orders", "kafkaSourceConfiguration": {"consumerGroup": "other",
    "bootstrapServers": ["kafka.example.com:9092"], "topics": ["orders"], "consumers": 5}})"));
  EXPECT_TRUE(eventually([&] { return consumers_are("5"); }));
  EXPECT_EQ(at(kafka_source(), "/spec/consumerGroup"), "shop");
  EXPECT_EQ(at(kafka_source(), "/spec/net/sasl"), "");
}

// Rule 3: what is fixed for the Capp is so for everybody.
TEST_F(EventSources, AConsumerGroupEditedByHandIsPutBack) {
  cluster.create_settled(a_capp("web", with_sources(kKafka)));
  api.merge_patch(kKafkaSource, cluster.key("web-orders"),
                  R"({"spec": {"consumerGroup": "other"}})");
  EXPECT_TRUE(
      eventually([&] { return is("group", at(kafka_source(), "/spec/consumerGroup"), "shop"); }));
}

TEST_F(EventSources, OneRemovedFromTheListIsDeleted) {
  cluster.create_settled(a_capp("web", with_sources(std::string(kKafka) + "," + kPing)));
  ASSERT_TRUE(sources_are(1, 1));
  change(with_sources(kKafka));
  EXPECT_TRUE(eventually([&] { return sources_are(0, 1); }));
  change(R"({"spec": {"eventSourcesSpec": {"sources": null}}})");
  EXPECT_TRUE(eventually([&] { return sources_are(0, 0); }));
  EXPECT_TRUE(eventually([&] { return cluster.settled("web"); }));
  EXPECT_EQ(condition(cluster.capp("web"), "EventingReady").status, "");
  EXPECT_EQ(at(cluster.capp("web"), "/status/eventingStatus"), "");
}

TEST_F(EventSources, OneThatBecomesAnotherKindIsReplaced) {
  cluster.create_settled(a_capp("web", with_sources(R"({"name": "orders",
    "pingSourceConfiguration": {}})")));
  ASSERT_TRUE(sources_are(1, 0));
  change(with_sources(kBareKafka));
  EXPECT_TRUE(eventually([&] { return sources_are(0, 1); }));
}

TEST_F(EventSources, ADisabledCappHasNoConsumers) {
  cluster.create_settled(a_capp("web", with_sources(std::string(kKafka) + "," + kPing)));
  change(R"({"spec": {"state": "disabled"}})");
  EXPECT_TRUE(eventually([&] { return consumers_are("0"); }));
  EXPECT_TRUE(eventually([&] { return eventing_is("False", "Disabled"); }));
  EXPECT_TRUE(sources_are(1, 1));
  EXPECT_EQ(at(kafka_source(), "/spec/consumerGroup"), "shop");

  change(R"({"spec": {"state": "enabled"}})");
  EXPECT_TRUE(eventually([&] { return consumers_are("3"); }));
  EXPECT_TRUE(eventually([&] { return eventing_is("False", "EventingNotReady"); }));
}

TEST_F(EventSources, TheirReadinessIsToldSortedByName) {
  cluster.create_settled(a_capp("web", with_sources(std::string(kKafka) + "," + kPing)));
  EXPECT_TRUE(eventing_is("False", "EventingNotReady"));
  EXPECT_TRUE(eventually([&] {
    return is("sources", eventing_status(), parse_object(R"({"eventSources": [
      {"name": "web-hourly", "condition": {"type": "Ready", "status": "Unknown",
                                           "message": "Source readiness not known"}},
      {"name": "web-orders", "condition": {"type": "Ready", "status": "Unknown",
                                           "message": "Source readiness not known"}}]})"));
  }));

  says(kKafkaSource, "web-orders", kReady);
  EXPECT_TRUE(eventually([&] {
    return is("sources", eventing_status(), parse_object(R"({"eventSources": [
      {"name": "web-hourly", "condition": {"type": "Ready", "status": "Unknown",
                                           "message": "Source readiness not known"}},
      {"name": "web-orders", "condition": {"type": "Ready", "status": "True"}}]})"));
  }));
  EXPECT_TRUE(eventing_is("False", "EventingNotReady"));

  says(kPingSource, "web-hourly", kReady);
  EXPECT_TRUE(eventually([&] { return eventing_is("True", "Ready"); }));
  says(kPingSource, "web-hourly",
       R"([{"type": "Ready", "status": "False", "reason": "NoSink", "message": "no such sink"}])");
  EXPECT_TRUE(eventually([&] { return eventing_is("False", "EventingNotReady"); }));
  EXPECT_EQ(condition(cluster.capp("web"), "EventingReady").message, "no such sink");
}

}  // namespace
}  // namespace test
