#pragma once
// What a pass says to people: the status of the Capp, and events.

#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "capp/plan.h"
#include "capp/world.h"

namespace capp {

struct Event {
  enum class Type { kNormal, kWarning };
  Type type = Type::kNormal;
  std::string reason;
  std::string action;  // what the operator did or tried: "Create", "Enable", "Disable"
  std::string note;    // not cut to the API's limit
  // Tells of a change of what the status records, so only once that status is stored.
  bool transition = false;

  friend bool operator==(const Event&, const Event&) = default;
};

struct Report {
  // The whole status; replaces the one that is there. Equal to it (json::equal) when there is
  // nothing new to say, and then must not be written.
  boost::json::object status{};
  std::vector<Event> events{};
  // Another pass must follow at once: part of what is wanted waited for what this one did, and its
  // own writes wake nobody.
  bool continues = false;
};

// `results` must be those of `plan`, and `plan` that of `world`.
[[nodiscard]] Report report(const World& world, const Plan& plan, const Results& results);

}  // namespace capp
