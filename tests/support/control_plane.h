#pragma once
// A real kube-apiserver with etcd and the garbage collector (tools/controlplane).

#include <string>
#include <vector>

namespace test {

// Where the CRDs of this project are, those of the kinds that Capps become, and those of
// Prometheus' operator.
std::string own_definitions();
std::string foreign_definitions();
std::string monitoring_definitions();

class ControlPlane {
 public:
  // The one that ctest has started for all tests (tests/apiserver/shared-control-plane).
  static ControlPlane shared();
  // The one that ctest has started for all tests among the other projects' controllers
  // (tests/stack/shared-stack).
  static ControlPlane stack();
  // One of its own, stopped with this object: for what would disturb the others. Takes some five
  // seconds. Its folder, /tmp/capp-test.…, stays where the test fails.
  static ControlPlane start(const std::vector<std::string>& definitions);

  ControlPlane(ControlPlane&& other) noexcept;
  ControlPlane& operator=(ControlPlane&&) = delete;
  ~ControlPlane();

  [[nodiscard]] std::string admin_kubeconfig() const { return folder_ + "/admin.kubeconfig"; }
  [[nodiscard]] std::string operator_kubeconfig() const {
    return folder_ + "/capp-operator.kubeconfig";
  }
  [[nodiscard]] std::string audit_log() const { return folder_ + "/audit.log"; }
  // A file of its own in the folder.
  [[nodiscard]] std::string scratch(const std::string& name) const { return folder_ + "/" + name; }
  [[nodiscard]] int port() const;
  // Stopped with this object, and all that is on it.
  [[nodiscard]] bool is_own() const { return owned_; }

  // SIGKILL, and the same again on the same port; returns when it is ready.
  void restart_apiserver() const;

 private:
  ControlPlane(std::string folder, bool owned);
  static ControlPlane started_by_ctest(std::string folder);
  std::string folder_;
  bool owned_;
};

}  // namespace test
