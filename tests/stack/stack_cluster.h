#pragma once
// An operator among the other projects' controllers (tools/stack), with a namespace of its own.

#include <string>

#include <gtest/gtest.h>

#include "capp/kinds.h"
#include "tests/support/cluster.h"

namespace test {

inline constexpr object::Kind kClaim{"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"};

// Tests of this kind run one after the other (RESOURCE_LOCK in tests/CMakeLists.txt).
class StackCluster : public testing::Test {
 protected:
  // Configures, and starts the operator.
  void SetUp() override;
  // DNS and the issuer of certificates.
  void configure();

  // A hostname of the zone that no other test has. With "held" in its name its record becomes ready
  // by make_record_ready only.
  [[nodiscard]] std::string hostname(std::string_view name) const;
  // A Capp "web" with everything but Kafka: hostname, TLS, logs, a volume and a PingSource.
  [[nodiscard]] Api::Object full_capp(const std::string& hostname) const;

  // The Capp "web" is created, and everybody has nothing left to do about it.
  void create_ready(const Api::Object& capp);
  testing::AssertionResult is_ready();
  testing::AssertionResult is_unready(std::string_view reason);
  // The operator has not written for some seconds: other controllers go on for a moment after all
  // is ready, and it reports that. What was written until then is forgotten.
  testing::AssertionResult quiet();
  testing::AssertionResult writes_nothing_for(std::chrono::seconds time);

  void set_image(std::string_view image);
  void set_hostname(const std::string& hostname);
  void make_record_ready(const std::string& hostname);

  [[nodiscard]] bool exists(const object::Kind& kind, const std::string& name);
  testing::AssertionResult gone(const object::Kind& kind);

  Cluster cluster{ControlPlane::stack()};
  Api& api = cluster.api;
  const object::Key web = cluster.key("web");
};

}  // namespace test
