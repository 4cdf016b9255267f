#pragma once
// Which kinds the API server serves: aggregated discovery (KEP-3352), two requests for everything.

#include <set>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/http.h"
#include "object/kind.h"

namespace kube {

// One GET each of "/api" and "/apis", answered as APIGroupDiscoveryList.
net::Request discover_core();
net::Request discover_groups();

// What was discovered. A value.
class ServedKinds {
 public:
  // Adds what an answer lists. An API group that the aggregator could not reach ("Stale") counts as
  // served as it was.
  base::Result<void> read(std::string_view body);

  [[nodiscard]] bool contains(const object::Kind& kind) const;
  [[nodiscard]] std::size_t size() const { return kinds_.size(); }

 private:
  std::set<std::string, std::less<>> kinds_;  // "group/version/plural"
};

}  // namespace kube
