#include "tests/support/places.h"

namespace test {

// The names in capitals are defined by tests/CMakeLists.txt.

std::string in_source(std::string_view path) {
  return std::string(CAPP_SOURCE_DIR "/").append(path);
}

std::string operator_program() {
  return CAPP_OPERATOR_PROGRAM;
}

std::string shared_control_plane_folder() {
  return CAPP_SHARED_CONTROL_PLANE;
}

std::string shared_stack_folder() {
  return CAPP_SHARED_STACK;
}

}  // namespace test
