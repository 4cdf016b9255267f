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
  // Adds what an answer lists.
  base::Result<void> read(std::string_view body);

  [[nodiscard]] bool contains(const object::Kind& kind) const;
  // Whether the API server could not reach the server of the kind's group and version (an
  // aggregated API that is away): what is listed of it is as it once was, or nothing, and says
  // nothing of now.
  [[nodiscard]] bool is_stale(const object::Kind& kind) const;
  [[nodiscard]] std::size_t size() const { return kinds_.size(); }

 private:
  std::set<std::string, std::less<>> kinds_;  // "group/version/plural"
  std::set<std::string, std::less<>> stale_;  // "group/version"
};

}  // namespace kube
