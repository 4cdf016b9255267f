#include "capp/health.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "json/parse.h"
#include "json/value.h"

namespace capp {
namespace {

// Of a status or of one condition; not every controller says it.
bool is_outdated(const boost::json::object& told, const object::Record& live) {
  return json::int_at(told, {"observedGeneration"}).value_or(live.generation) < live.generation;
}

// The words of its controller, for a person.
std::string told(const boost::json::object& condition, const std::string& otherwise) {
  for (const std::string_view member : {"message", "reason"}) {
    if (const auto text = json::string_at(condition, {member}); !text.empty()) {
      return std::string(text);
    }
  }
  return otherwise;
}

}  // namespace

boost::json::object body_of(const object::Record& record) {
  auto body = json::parse(record.body);
  return body && body->is_object() ? std::move(body->get_object()) : boost::json::object{};
}

boost::json::object status_of(const object::Record& live) {
  auto body = body_of(live);
  auto* status = body.if_contains("status");
  return status != nullptr && status->is_object() ? std::move(status->get_object())
                                                  : boost::json::object{};
}

Health ready_condition(const object::Record& live, const boost::json::object& status,
                       std::string_view what) {
  const auto* conditions = json::array_at(status, {"conditions"});
  if (conditions == nullptr || conditions->empty()) {
    return {.message = fmt::format("{} {} has no conditions yet", what, live.key.name)};
  }
  const auto ready = condition_of(status, "Ready");
  if (is_outdated(status, live) || is_outdated(ready, live)) {
    return {.message = fmt::format("generation {} of {} {} has not been acted on yet",
                                   live.generation, what, live.key.name)};
  }
  if (json::string_at(ready, {"status"}) == "True") return {.ready = true, .message = {}};
  return {.message = told(
              ready, fmt::format("{} {} does not say whether it is ready", what, live.key.name))};
}

boost::json::object condition_of(const boost::json::object& status, std::string_view type) {
  const auto* conditions = json::array_at(status, {"conditions"});
  if (conditions == nullptr) return {};
  const auto* found = std::ranges::find_if(*conditions, [&](const auto& condition) {
    return json::string_at(condition, {"type"}) == type;
  });
  return found != conditions->end() ? found->as_object() : boost::json::object{};
}

}  // namespace capp
