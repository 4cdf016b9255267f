#pragma once
// One of several replicas of the operator, which the audit log tells apart (AuditRequest::replica).

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/cluster.h"

namespace test {

// Not thread-safe.
class Replica {
 public:
  // Runs nothing yet. The cluster outlives it.
  Replica(Cluster& cluster, std::string name);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] OperatorProcess& op() { return *process_; }

  // A new process with --leader-elect and these flags; returns when it is ready.
  void start(const std::vector<std::string>& flags);
  // Its metric says so; false where it does not run.
  bool leads();

 private:
  Cluster& cluster_;
  const std::string name_;
  const std::string kubeconfig_;
  std::unique_ptr<OperatorProcess> process_;
};

}  // namespace test
