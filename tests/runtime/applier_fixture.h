#pragma once
// The applier against a server that answers as it is told: a ConfigMap is wanted, and the store and
// the server have what a test says.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "json/parse.h"
#include "runtime/applier.h"
#include "tests/support/fake_server.h"

namespace runtime::test {

using ::test::FakeServer;
using ::test::Reply;

inline constexpr object::Kind kKind{"", "v1", "ConfigMap", "configmaps"};
inline const object::Key kKey{.ns = "ns", .name = "a"};
inline const object::Key kOwner{.ns = "ns", .name = "capp"};

inline constexpr std::string_view kAllOwned =
    R"({"f:metadata":{"f:annotations":{"f:rcs.dana.io/applied-hash":{}}},"f:data":{"f:k":{}}})";
inline constexpr std::string_view kDataTaken =
    R"({"f:metadata":{"f:annotations":{"f:rcs.dana.io/applied-hash":{}}}})";

inline object::Wanted wanted(const std::string& name = "a") {
  return {.kind = &kKind,
          .key = {.ns = "ns", .name = name},
          .body = {{"apiVersion", "v1"},
                   {"kind", "ConfigMap"},
                   {"metadata", {{"name", name}, {"namespace", "ns"}}},
                   {"data", {{"k", "v"}}}}};
}

inline std::string wanted_hash() {
  return object::applied_hash(wanted().body);
}

// The object as the server has it.
struct Live {
  std::string name = "a";
  std::uint64_t version = 1;
  std::int64_t generation = 0;
  std::string uid = "u-1";
  std::string hash = wanted_hash();
  // The one entry of its managed fields.
  std::string manager = "capp-operator";
  std::string operation = "Apply";
  std::string fields = std::string(kAllOwned);
  std::string labels = R"({"parent":"capp"})";
  std::string owners = "[]";
  bool terminating = false;
  std::string content = "{}";  // what is not metadata

  [[nodiscard]] std::string json() const {
    auto object = boost::json::parse(content).as_object();
    boost::json::object metadata{{"name", name},
                                 {"namespace", "ns"},
                                 {"uid", uid},
                                 {"resourceVersion", std::to_string(version)},
                                 {"generation", generation},
                                 {"labels", boost::json::parse(labels)},
                                 {"ownerReferences", boost::json::parse(owners)},
                                 {"annotations", {{"rcs.dana.io/applied-hash", hash}}},
                                 {"managedFields",
                                  {{{"manager", manager},
                                    {"operation", operation},
                                    {"fieldsV1", boost::json::parse(fields)}}}}};
    if (terminating) metadata["deletionTimestamp"] = "2026-11-23T03:55:41Z";
    object["kind"] = "ConfigMap";
    object["metadata"] = std::move(metadata);
    return boost::json::serialize(object);
  }
};

inline object::Ownership ours() {
  return {.controller = {.api_version = "rcs.dana.io/v1alpha1",
                         .kind = "Capp",
                         .name = "capp",
                         .uid = "capp-uid",
                         .controller = true},
          .identity = {{"parent", "capp"}}};
}

inline Reply refusal(int code, std::string_view message, std::string_view reason = "") {
  return Reply::text(
      code, boost::json::serialize(boost::json::object{
                {"kind", "Status"}, {"code", code}, {"reason", reason}, {"message", message}}));
}

inline std::string path(std::string_view name = "a") {
  return fmt::format("/api/v1/namespaces/ns/configmaps/{}", name);
}
inline std::string apply_path(std::string_view name = "a") {
  return path(name) + "?fieldManager=capp-operator&force=true";
}
inline std::string patch_path(std::string_view name = "a") {
  return path(name) + "?fieldManager=capp-operator";
}

class ApplierTest : public ::testing::Test {
 protected:
  ApplierTest() {
    kube::Config config;
    config.server = {.scheme = "http", .host = "127.0.0.1", .port = server.port()};
    client = kube::Client::connect(loop, config, {.user_agent = "test"}, registry, log).value();
    applier = std::make_unique<Applier>(
        *client, catalog,
        ApplierOptions{
            .field_manager = "capp-operator", .legacy_managers = {"manager"}, .memory = {}},
        metrics, log);
  }

  void store_has(const Live& live) {
    const auto value = json::parse(live.json(), watched.projection.filter).value();
    watched.store.apply(object::read_record(value, watched.projection, catalog.pool()).value());
  }
  object::Outcome run(object::Write write, const object::Ownership& ownership = ours()) {
    std::vector<object::Write> writes;
    writes.push_back(std::move(write));
    return std::move(applier->run(kOwner, std::move(writes), ownership, {}).front());
  }
  // "GET /path" of what the server saw since the last call.
  std::vector<std::string> sent() {
    std::vector<std::string> lines;
    const auto requests = server.requests();
    for (; seen < requests.size(); ++seen) {
      lines.push_back(requests[seen].method + " " + requests[seen].target);
    }
    return lines;
  }
  static std::string get() { return "GET " + path(); }
  static std::string apply() { return "PATCH " + apply_path(); }

  telemetry::metrics::Registry registry;
  telemetry::log::Logger log = telemetry::log::discarding_logger();
  net::Loop loop;
  FakeServer server;
  std::unique_ptr<kube::Client> client;
  Catalog catalog;
  WatchedKind& watched =
      catalog.add(kKind, {.filter = json::Filter::keep(object::record_metadata_paths()),
                          .labels = {"parent"},
                          .field_manager = "capp-operator",
                          .body = nullptr});
  ApplierMetrics metrics{registry};
  std::unique_ptr<Applier> applier;
  std::size_t seen = 0;
};

}  // namespace runtime::test
