#pragma once
// All kinds of children of one Capp, as their controllers and a person with kubectl see them.

#include <span>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "object/kind.h"
#include "tests/support/cluster.h"

namespace test {

// One child of a_capp_with_all_children("web").
struct ChildCase {
  std::string_view label;  // of the test case
  const object::Kind* kind;
  std::string_view name;
  std::string_view event_stem;  // "KnativeService" for KnativeServiceCreated
  std::string_view concern;     // "Logging" for the condition LoggingReady
  // What its controller writes into .status, JSON text.
  std::string_view healthy;
  std::string_view broken;
  // How somebody changes what is ours (a merge patch), and where that shows (a JSON pointer).
  std::string_view edit;
  std::string_view edited;

  // Type of the condition that tells of it, and its reason while it is not ready.
  [[nodiscard]] std::string ready() const { return std::string(concern) + "Ready"; }
  [[nodiscard]] std::string not_ready() const { return std::string(concern) + "NotReady"; }
};

// Names the case where a test fails.
std::ostream& operator<<(std::ostream& out, const ChildCase& child);

// One of each kind (of the two APIs for CNAMERecords, the one that is chosen where both are there).
std::span<const ChildCase> child_cases();

// Asks for one child of each kind. Its hostname needs a DNS configuration.
boost::json::object a_capp_with_all_children(std::string_view name);

// With an operator, and the configuration that a hostname needs. The TLS Secret of
// a_capp_with_all_children("web") is there, so that nobody asks for it again and again.
class AllChildren : public SharedCluster {
 protected:
  void SetUp() override;

  // a_capp_with_all_children("web") is created, and the operator has nothing more to do or to tell.
  void create_quiet();
  // The operator asks for nothing.
  testing::AssertionResult falls_silent();

  Api::Object live(const ChildCase& child);
  // Its controller writes that into its status; what it had written before stays, but for lists.
  void says(const object::Kind& kind, std::string_view name, std::string_view status);
  void says(const ChildCase& child, std::string_view status) {
    says(*child.kind, child.name, status);
  }
  void all_are_healthy();
  // The condition of the Capp "web" with that status and reason.
  testing::AssertionResult web_has(std::string_view type, std::string_view status,
                                   std::string_view reason);
  void change(std::string_view merge_patch);

  object::Key web = cluster.key("web");
};

}  // namespace test
