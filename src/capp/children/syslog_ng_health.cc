#include "capp/children/syslog_ng_health.h"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "json/value.h"

namespace capp {
namespace {

std::string problems(const boost::json::object& status) {
  std::vector<std::string_view> texts;
  if (const auto* list = json::array_at(status, {"problems"})) {
    for (const auto& text : *list) {
      if (text.is_string()) texts.emplace_back(text.get_string());
    }
  }
  return fmt::format("{}", fmt::join(texts, "; "));
}

}  // namespace

Health syslog_ng_health(const object::Record& live, std::string_view what) {
  const auto status = status_of(live);
  if (status.empty()) {
    return {.message = fmt::format("{} {} has no status yet", what, live.key.name)};
  }
  // Its writer leaves a zero out.
  const auto count = json::int_at(status, {"problemsCount"}).value_or(0);
  if (count == 0) return {.ready = true, .message = {}};
  return {.message = fmt::format("{} {} has {} problem(s): {}", what, live.key.name, count,
                                 problems(status))};
}

}  // namespace capp
