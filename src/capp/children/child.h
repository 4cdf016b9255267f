#pragma once
// A kind of object that the operator writes for a Capp. One file and one row of the table each.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "capp/concern.h"
#include "capp/health.h"
#include "capp/projections.h"
#include "capp/verdict.h"
#include "capp/world.h"
#include "json/value.h"
#include "object/kind.h"
#include "object/record.h"
#include "object/wanted.h"

namespace capp {

// One object that a Capp asks for.
struct Asked {
  object::Wanted object;
  // Why it cannot be written as it is asked for; empty where it can.
  std::string obstacle{};
};

// A list of just that object. In braces it would be copied.
[[nodiscard]] std::vector<Asked> one(object::Wanted object);

// The wanted objects as they are after a pass, as far as they exist and are ours, by kind.
class Live {
 public:
  void add(const object::Kind& kind, object::RecordPtr record);
  // In no order that says anything: those that are held come last.
  [[nodiscard]] std::span<const object::RecordPtr> of(const object::Kind& kind) const;

 private:
  std::vector<std::pair<const object::Kind*, Records>> records_;
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
  // What is kept of a live object.
  [[nodiscard]] virtual object::Projection projection() const { return child_projection({}); }
  // Nobody but the operator cleans up after it when the Capp goes: it is not written before the
  // Capp has our finalizer, and deleted before that is taken off.
  [[nodiscard]] virtual bool needs_finalizer() const { return false; }

  // The objects of this kind that the Capp asks for now. Not called for a terminating Capp.
  [[nodiscard]] virtual std::vector<Asked> wanted(const World& world) const = 0;
  // Whether an object of ours that is not wanted (any more) may be deleted yet.
  [[nodiscard]] virtual bool may_go(const World& /*world*/,
                                    const object::Record& /*unwanted*/) const {
    return true;
  }
  // What is to be said of the concern beside the state of its objects.
  [[nodiscard]] virtual std::optional<Finding> remark(const World& /*world*/) const {
    return std::nullopt;
  }
  // Of a live object of ours. One without a status is not ready.
  [[nodiscard]] virtual Health health(const World& world, const object::Record& live) const = 0;
  // What this kind contributes to the Capp's status. Objects are merged with those of other kinds
  // member by member; lists are concatenated in the order of their entries' `name`.
  [[nodiscard]] virtual boost::json::object status(const World& world, const Live& live) const = 0;
};

// The status of the first of `records`, as a member of the Capp's status: below `path`, outermost
// first. Empty where there is none.
[[nodiscard]] boost::json::object status_at(json::Path path,
                                            std::span<const object::RecordPtr> records);

}  // namespace capp
