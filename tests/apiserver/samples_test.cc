// config/samples is what people start from: the API server takes each file of it as it is, also
// when it is asked to be strict, and `kubectl apply --kustomize` applies all of them.

#include <algorithm>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/json/array.hpp>

#include "capp/children/table.h"
#include "capp/kinds.h"
#include "tests/support/cluster.h"
#include "tests/support/places.h"
#include "yaml/convert.h"

namespace test {
namespace {

namespace fs = std::filesystem;

const fs::path kSamples = in_source("config/samples");

// Cannot stand beside the ConfigMaps that it is the alternative to.
constexpr std::string_view kNotListed = "capp_config.yaml";

bool is_manifest(const fs::path& file) {
  return file.extension() == ".yaml" && file.filename() != "kustomization.yaml";
}

// What people copy: all but the namespaces.
std::vector<fs::path> manifests() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(kSamples)) {
    const bool copied = is_manifest(entry.path()) && entry.path().filename() != "namespace.yaml";
    if (copied) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

std::vector<Api::Object> objects_in(const fs::path& file) {
  std::vector<Api::Object> objects;
  for (const auto& document : yaml::parse_all(read_file(file)).value()) {
    objects.push_back(document.as_object());
  }
  return objects;
}

const object::Kind& kind_of(const Api::Object& object) {
  const std::string name = at(object, "/kind");
  for (const auto* kind : {&capp::kCapp, &capp::kCappConfig, &capp::kConfigMap, &capp::kSecret}) {
    if (name == kind->kind && at(object, "/apiVersion") == kind->api_version()) return *kind;
  }
  throw std::runtime_error("no sample should hold a " + name);
}

Api::Object in_namespace(Api::Object object, const std::string& ns) {
  object["metadata"].as_object()["namespace"] = ns;
  return object;
}

TEST(Samples, AreTakenAsTheyAre) {
  Cluster cluster{ControlPlane::shared()};
  for (const auto& file : manifests()) {
    SCOPED_TRACE(file);
    for (const auto& object : objects_in(file)) {
      const auto created =
          cluster.api.try_create(kind_of(object), cluster.ns, in_namespace(object, cluster.ns));
      EXPECT_TRUE(created) << created.error().describe();
    }
  }
}

TEST(Samples, BeginWithWhatTheyAreFor) {
  for (const auto& file : manifests()) EXPECT_TRUE(read_file(file).starts_with("# ")) << file;
}

TEST(Samples, AreAllListedForKustomize) {
  for (const fs::path& folder : {kSamples, kSamples / "configuration"}) {
    std::set<std::string> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (is_manifest(entry.path()) && entry.path().filename() != kNotListed) {
        files.insert(entry.path().filename());
      }
    }
    std::set<std::string> listed;
    const auto kustomization = objects_in(folder / "kustomization.yaml").front();
    for (const auto& resource : kustomization.at("resources").as_array()) {
      listed.emplace(resource.as_string());
    }
    EXPECT_EQ(listed, files) << folder;
  }
}

TEST(Samples, AreNamedInTheUserGuide) {
  const std::string guide = read_file(in_source("docs/user-guide.md"));
  for (const auto& file : manifests()) {
    if (file.parent_path() != kSamples) continue;  // the guide names the folder
    EXPECT_TRUE(guide.contains("`" + file.filename().string() + "`")) << file;
  }
}

class FullSample : public SharedCluster {};

// Of the two APIs of DNS records, both of which the control plane has, one is used.
TEST_F(FullSample, HasAChildOfEveryKind) {
  for (const char* file : {"configuration/dns_config.yaml", "capp_full.yaml"}) {
    for (const auto& object : objects_in(kSamples / file)) {
      api.create(kind_of(object), cluster.ns, in_namespace(object, cluster.ns));
    }
  }
  for (const auto* child : capp::children()) {
    if (child->kind() == capp::kClusterCnameRecord) continue;
    EXPECT_TRUE(eventually([&] {
      const auto there = api.list(child->kind(), cluster.ns).size();
      return is(child->kind().resource(), there, 1U);
    }));
  }
}

}  // namespace
}  // namespace test
