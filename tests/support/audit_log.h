#pragma once
// What an API server was asked, from its audit log: "the operator is silent" as a number.

#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "runtime/lease.h"

namespace test {

// The user that the operator's kubeconfig makes it: its ServiceAccount, with the shipped roles.
inline constexpr std::string_view kOperatorUser =
    "system:serviceaccount:capp-operator-system:capp-operator-controller-manager";

// One finished request.
struct AuditRequest {
  std::string user;     // the one that was impersonated, where one was
  std::string replica;  // of the operator, where the test runs several (replica.h)
  std::string verb;     // get, list, watch, create, update, patch, delete, deletecollection
  std::string group;
  std::string resource;  // empty for what is no object (discovery)
  std::string subresource;
  std::string ns;
  std::string name;
  std::string uri;
  int code = 0;
  // What was to be written into a Lease.
  std::optional<runtime::LeaseSpec> lease{};
  base::WallClock::time_point received;
  base::WallClock::time_point completed;

  // Not leases: a leader renews its own all the time.
  [[nodiscard]] bool is_write() const;
  // A get or a list. Watches go on for minutes and are logged when they end.
  [[nodiscard]] bool is_read() const;
  // A list, or a watch that begins with the whole state.
  [[nodiscard]] bool is_relist() const;
  // "patch services.serving.knative.dev/status web/capp: 200"
  [[nodiscard]] std::string describe() const;
};

using AuditFilter = std::function<bool(const AuditRequest&)>;

// Requests in the order in which they ended. A request is logged a moment after its answer, so that
// one wait for it (eventually.h).
class Requests : public std::vector<AuditRequest> {
 public:
  using std::vector<AuditRequest>::vector;
  [[nodiscard]] Requests only(const AuditFilter& filter) const;
  [[nodiscard]] Requests in(std::string_view ns) const;
  // About objects of that name, in every namespace and in none.
  [[nodiscard]] Requests named(std::string_view name) const;
  // "patch", "services": with that verb on that resource ("capps/status": on a subresource).
  [[nodiscard]] Requests of(std::string_view verb, std::string_view resource) const;
  [[nodiscard]] Requests writes() const;
  [[nodiscard]] Requests reads() const;
  // One line each.
  [[nodiscard]] std::string describe() const;
};

class AuditLog {
 public:
  // Begins now.
  explicit AuditLog(std::string path);

  // Forgets what was asked until now, also what is logged only later; of watches those that have
  // ended.
  void restart();
  // Of the operator, since the beginning or the restart. Whole lines only.
  [[nodiscard]] Requests of_operator() const;
  // Of everybody.
  [[nodiscard]] Requests all() const;
  // Of the operator, refused since no role allows it; not what admission or a quota refuses, which
  // is 403 as well.
  [[nodiscard]] Requests not_allowed() const;

 private:
  [[nodiscard]] Requests read(std::string_view words) const;

  std::string path_;
  std::size_t begin_ = 0;  // in the file
  base::WallClock::time_point since_;
};

}  // namespace test
