#include "capp/children/child.h"

#include "json/parse.h"

namespace capp {

boost::json::object status_of(const object::Record& live) {
  const auto status = json::parse(live.body);
  return status && status->is_object() ? status->get_object() : boost::json::object{};
}

}  // namespace capp
