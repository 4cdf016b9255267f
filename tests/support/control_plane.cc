#include "tests/support/control_plane.h"

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <unistd.h>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/child_process.h"
#include "tests/support/places.h"

namespace test {
namespace {

std::string new_folder() {
  std::string name = std::filesystem::temp_directory_path() / "capp-test.XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  return name;
}

// By hand, a person may have started one elsewhere.
std::string chosen_folder(const char* variable, const std::string& otherwise) {
  const char* chosen = std::getenv(variable);
  return chosen != nullptr ? chosen : otherwise;
}

// As tools/controlplane has it.
std::string cache() {
  if (const char* chosen = std::getenv("CAPP_CACHE")) return chosen;
  const char* home = std::getenv("HOME");
  return std::string(home != nullptr ? home : "") + "/.cache/capp-operator";
}

std::string run_tool(std::vector<std::string> arguments, const std::string& folder) {
  arguments.insert(arguments.begin(), in_source("tools/controlplane/controlplane"));
  return output_of(arguments, folder + "/controlplane.out");
}

}  // namespace

std::string own_definitions() {
  return in_source("config/crd/bases");
}

std::string foreign_definitions() {
  return cache() + "/crds";
}

std::string monitoring_definitions() {
  return cache() + "/crds-monitoring";
}

ControlPlane::ControlPlane(std::string folder, bool owned)
    : folder_(std::move(folder)), owned_(owned) {}

ControlPlane::ControlPlane(ControlPlane&& other) noexcept
    : folder_(std::move(other.folder_)), owned_(std::exchange(other.owned_, false)) {}

ControlPlane ControlPlane::started_by_ctest(std::string folder) {
  if (!std::filesystem::exists(folder + "/env")) {
    throw std::runtime_error("no control plane runs in " + folder +
                             ": run the tests with ctest, which starts it");
  }
  return {std::move(folder), false};
}

ControlPlane ControlPlane::shared() {
  return started_by_ctest(chosen_folder("CAPP_TEST_CONTROL_PLANE", shared_control_plane_folder()));
}

ControlPlane ControlPlane::stack() {
  return started_by_ctest(chosen_folder("CAPP_TEST_STACK", shared_stack_folder()));
}

ControlPlane ControlPlane::start(const std::vector<std::string>& definitions) {
  std::string folder = new_folder();
  // With this process: a test that is killed stops nothing.
  std::vector<std::string> arguments{"up", folder, "--with", std::to_string(::getpid())};
  for (const auto& definitions_folder : definitions) {
    arguments.emplace_back("--crds");
    arguments.push_back(definitions_folder);
  }
  run_tool(std::move(arguments), folder);
  return {std::move(folder), true};
}

ControlPlane::~ControlPlane() {
  if (!owned_) return;
  try {
    run_tool({"down", folder_}, folder_);
    // The logs of a failure are kept for a person to look at.
    if (!testing::Test::HasFailure()) std::filesystem::remove_all(folder_);
  } catch (const std::exception& error) {
    ADD_FAILURE() << "the control plane in " << folder_ << " does not stop: " << error.what();
  }
}

int ControlPlane::port() const {
  std::istringstream lines(read_file(scratch("env")));
  const std::string key = "APISERVER_PORT=";
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(key)) return std::stoi(line.substr(key.size()));
  }
  throw std::runtime_error("no port in " + scratch("env"));
}

void ControlPlane::restart_apiserver() const {
  run_tool({"restart-apiserver", folder_}, folder_);
}

}  // namespace test
