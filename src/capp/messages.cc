#include "capp/messages.h"

#include <fmt/format.h>

namespace capp {

std::string name_of(const object::Wanted& object) {
  return fmt::format("{} {}", object.kind->kind, object.key.to_string());
}

std::string terminating_text(const object::Wanted& object) {
  return name_of(object) + " is being deleted and is created again when it is gone";
}

std::string missing_text(const object::Kind& kind) {
  return fmt::format("the CustomResourceDefinition {} is not installed", kind.resource());
}

std::string unread_text(const object::Kind& kind) {
  return fmt::format(
      "the objects of {} are not read: they are being listed, or the operator may not list them",
      kind.resource());
}

std::string cause_of(const object::Outcome& outcome) {
  return outcome.error ? outcome.error->describe() : std::string("no cause was given");
}

}  // namespace capp
