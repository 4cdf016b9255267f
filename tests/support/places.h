#pragma once
// Where the source tree and this build are. Only places.cc is compiled with their paths, so that
// all else is found in a compiler cache that another clone filled.

#include <string>
#include <string_view>

namespace test {

// Of a file or folder of the source tree: in_source("config/samples").
std::string in_source(std::string_view path);

std::string operator_program();

// Of what ctest starts for all tests that share it (tests/CMakeLists.txt, shared_fixture).
std::string shared_control_plane_folder();
std::string shared_stack_folder();

}  // namespace test
