#pragma once
// Capps with hostnames: a DNS zone for each test, and the controllers of domains, DNS and
// certificates, which the test plays.

#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "capp/kinds.h"
#include "tests/support/cluster.h"

namespace test {

// Parts of a Capp, for a_capp().
std::string with_hostname(std::string_view hostname);
std::string with_tls(std::string_view hostname);

class RouteCluster : public testing::Test {
 protected:
  // Those on the shared control plane take turns: see SharedCluster.
  explicit RouteCluster(ControlPlane plane = ControlPlane::shared()) : cluster(std::move(plane)) {}
  // Configures the zone and starts the operator.
  void SetUp() override;

  // Of this test alone: cluster-scoped records of two tests must not meet. Without its final dot.
  [[nodiscard]] std::string zone() const { return cluster.ns + ".capp.dev"; }
  // A name in it.
  [[nodiscard]] std::string host(std::string_view label) const;
  // Replaces what dns-config says; `data` is JSON text.
  void configure_dns(const std::string& data);
  void configure_zone(const std::string& zone);

  // The whole new routeSpec of the Capp.
  void set_route(std::string_view capp, const std::string& route);
  void set_hostname(std::string_view capp, std::string_view hostname);

  // The object of that kind and host, in the namespace where its kind has one.
  [[nodiscard]] object::Key key_of(const object::Kind& kind, std::string_view name) const;
  Api::Object get(const object::Kind& kind, std::string_view name);
  boost::json::object spec(const object::Kind& kind, std::string_view name);
  std::string uid(const object::Kind& kind, std::string_view name);
  testing::AssertionResult exists(const object::Kind& kind, std::string_view name);
  testing::AssertionResult absent(const object::Kind& kind, std::string_view name);
  testing::AssertionResult is_terminating(const object::Kind& kind, std::string_view name);
  // All of them, or none: the DomainMapping, record, Certificate and Secret of a host.
  testing::AssertionResult whole_address(const std::string& host);
  testing::AssertionResult no_address(const std::string& host);

  // As its controller would say.
  void make_ready(const object::Kind& kind, std::string_view name);
  // As cert-manager would: the Secret, then the Certificate's status.
  void issue(const std::string& host);
  // All that serves a host is there and ready, and the Capp says so.
  void serve(std::string_view capp, const std::string& host);
  // As a controller that must clean up first, or no longer.
  void hold(const object::Kind& kind, std::string_view name);
  void release(const object::Kind& kind, std::string_view name);

  testing::AssertionResult told(std::string_view capp, std::string_view type,
                                std::string_view status, std::string_view reason);
  // The message of that condition has these words.
  testing::AssertionResult told_words(std::string_view capp, std::string_view type,
                                      std::string_view words);

  Cluster cluster;
  Api& api = cluster.api;
};

}  // namespace test
