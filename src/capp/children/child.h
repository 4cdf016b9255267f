#pragma once
// A kind of object that the operator writes for a Capp. One file and one row of the table each.

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "capp/concern.h"
#include "capp/world.h"
#include "object/kind.h"
#include "object/record.h"
#include "object/wanted.h"

namespace capp {

struct Health {
  bool ready = false;
  std::string message;  // what is missing, for a person; empty when ready
};

// Stateless; all functions are pure and may be called on any thread.
class Child {
 public:
  virtual ~Child() = default;

  [[nodiscard]] virtual const object::Kind& kind() const = 0;
  // Which condition of the Capp tells of this kind.
  [[nodiscard]] virtual const Concern& concern() const = 0;
  // The stem of its event reasons: "KnativeService" for KnativeServiceCreated.
  [[nodiscard]] virtual std::string_view event_stem() const = 0;

  // The objects of this kind that the Capp asks for now. Not called for a terminating Capp.
  [[nodiscard]] virtual std::vector<object::Wanted> wanted(const World& world) const = 0;
  // Of a live object of ours. One without a status is not ready.
  [[nodiscard]] virtual Health health(const object::Record& live) const = 0;
  // The top-level fields that this kind contributes to the Capp's status; `live` are its wanted
  // objects as far as they exist.
  [[nodiscard]] virtual boost::json::object status(const World& world,
                                                   const Records& live) const = 0;
};

// The status of a record made by child_projection(); empty where it has none.
[[nodiscard]] boost::json::object status_of(const object::Record& live);

}  // namespace capp
