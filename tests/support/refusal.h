#pragma once
// An API server that refuses what a namespace may otherwise have, in words of the test.

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/cluster.h"

namespace test {

// As long as it lives, nobody may create objects of these groups in the cluster's namespace (a
// ValidatingAdmissionPolicy). `groups` as a policy names them: "serving.knative.dev", or "*".
class Refusal {
 public:
  // Returns when it is in force. `kind` is one that it refuses.
  Refusal(Cluster& cluster, const std::vector<std::string>& groups, std::string_view words,
          const object::Kind& kind);
  ~Refusal();
  Refusal(const Refusal&) = delete;
  Refusal& operator=(const Refusal&) = delete;

 private:
  void await(const object::Kind& kind, std::string_view words);

  Cluster& cluster_;
};

}  // namespace test
