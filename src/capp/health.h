#pragma once
// Reading the state of live objects: what the controllers of other projects say in a status.

#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "object/record.h"

namespace capp {

struct Health {
  bool ready = false;
  std::string message;  // what is missing, for a person; empty when ready
};

// The body of a record made by a projection of projections.h, read; empty where it is no object.
[[nodiscard]] boost::json::object body_of(const object::Record& record);
// The status of a child or a Knative Revision; empty where it has none.
[[nodiscard]] boost::json::object status_of(const object::Record& live);

// By the condition Ready in `status`, that of `live`. `what` names the kind for people: "Knative
// Service". Without conditions, or with those of an older generation (they tell of what is no
// longer wanted), it is not ready.
[[nodiscard]] Health ready_condition(const object::Record& live, const boost::json::object& status,
                                     std::string_view what);

// The condition `type` in `status` as it stands there; empty where there is none.
[[nodiscard]] boost::json::object condition_of(const boost::json::object& status,
                                               std::string_view type);

}  // namespace capp
