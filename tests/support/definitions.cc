#include "tests/support/definitions.h"

#include <chrono>
#include <stdexcept>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/child_process.h"
#include "tests/support/control_plane.h"
#include "tests/support/eventually.h"
#include "yaml/convert.h"

namespace test {
namespace {

constexpr std::chrono::seconds kRemovalPatience{180};

Api::Object definition_of(const object::Kind& kind) {
  const auto definition = yaml::parse(
      read_file(fmt::format("{}/{}_{}.yaml", foreign_definitions(), kind.group, kind.plural)));
  if (!definition) throw std::runtime_error(definition.error().describe());
  return definition->as_object();
}

}  // namespace

void install(Api& api, const object::Kind& kind) {
  api.create(kDefinition, {}, definition_of(kind));
}

void uninstall(Api& api, const object::Kind& kind) {
  const object::Key key{.ns = {}, .name = kind.resource()};
  api.remove(kDefinition, key);
  ASSERT_TRUE(eventually(
      [&] { return is(key.name + " there", api.find(kDefinition, key).has_value(), false); },
      kRemovalPatience));
}

}  // namespace test
