#pragma once
// What a test works with: a control plane, a namespace of its own on it, and an operator.

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "object/key.h"
#include "tests/support/api.h"
#include "tests/support/audit_log.h"
#include "tests/support/control_plane.h"
#include "tests/support/eventually.h"
#include "tests/support/objects.h"
#include "tests/support/operator_process.h"

namespace test {

class Cluster {
 public:
  // Makes the namespace, in which the operator may do what it may do in its own; starts none.
  explicit Cluster(ControlPlane control_plane);
  // Fails the test where the operator asked for what its roles do not allow. Deletes the Capps of
  // the namespace, if needed with an operator that lets go of them, then the namespace. What is on
  // a control plane of its own goes with that.
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // Stops the one that runs, and starts one that looks for its configuration in the namespace.
  // Returns when it is ready. Another kubeconfig: through a proxy, for example.
  OperatorProcess& start_operator(const std::string& kubeconfig = {},
                                  const std::vector<std::string>& flags = {});
  void stop_operator();
  // SIGKILL to the API server, and the same again; returns when it is ready. One that starts
  // refuses everybody until it has read the roles: that is not held against the operator.
  void restart_apiserver();
  [[nodiscard]] OperatorProcess& op() { return *operator_; }

  // An object of the namespace.
  [[nodiscard]] object::Key key(std::string_view name) const {
    return {.ns = ns, .name = std::string(name)};
  }
  // A second namespace, deleted with the first.
  std::string another_namespace();

  Api::Object capp(std::string_view name);
  Api::Object service(std::string_view name);

  // The Capp is created, and all that follows from it is written.
  void create_settled(const Api::Object& capp);
  // The status tells of the Capp as it is, and of its Service.
  testing::AssertionResult settled(std::string_view name);
  // The operator has nothing to do at this moment.
  testing::AssertionResult idle();

  // Reads and writes of the operator in all namespaces since the audit log was restarted: all but
  // watches, which are logged when they end.
  [[nodiscard]] Requests requests() const;
  // None of them.
  testing::AssertionResult silent();
  // Writes of the operator in the namespace since the audit log was restarted.
  [[nodiscard]] Requests writes() const { return audit.of_operator().in(ns).writes(); }
  // Exactly so many in all, now and a moment later.
  testing::AssertionResult writes_stay_at(std::size_t count);
  // Events about a Capp with that reason.
  std::vector<Api::Object> events(std::string_view name, std::string_view reason);

  ControlPlane plane;
  Api api;
  AuditLog audit;
  const std::string ns;

 private:
  std::string make_namespace();
  void expect_nothing_forbidden();
  void leave(const std::string& name);

  AuditLog whole_audit_;  // never restarted by a test
  std::vector<std::string> others_;
  std::unique_ptr<OperatorProcess> operator_;
};

// On the control plane that all tests share, with an operator that runs. Tests of this kind run
// one after the other (RESOURCE_LOCK in tests/CMakeLists.txt): an operator minds every namespace.
class SharedCluster : public testing::Test {
 protected:
  void SetUp() override { cluster.start_operator(); }

  Cluster cluster{ControlPlane::shared()};
  Api& api = cluster.api;
};

}  // namespace test
