// The schemas of Capp and CappConfig refuse what can never work, with no webhook running (behaviour
// 1 and 3). A test is a file of data/: those to be refused say in their first line what the message
// contains.

#include <filesystem>
#include <string>
#include <vector>

#include "capp/kinds.h"
#include "tests/support/cluster.h"
#include "yaml/convert.h"

namespace test {
namespace {

struct Manifest {
  object::Kind kind;
  std::filesystem::path file;
};

// How gtest names a test in its messages.
std::ostream& operator<<(std::ostream& out, const Manifest& manifest) {
  return out << manifest.file.string();
}

std::vector<Manifest> manifests(const object::Kind& kind, const std::string& folder) {
  std::vector<Manifest> found;
  for (const auto& entry :
       std::filesystem::directory_iterator(CAPP_SOURCE_DIR "/tests/apiserver/data/" + folder)) {
    found.push_back({kind, entry.path()});
  }
  std::ranges::sort(found, {}, &Manifest::file);
  return found;
}

std::string name_of(const testing::TestParamInfo<Manifest>& tested) {
  return tested.param.file.stem();
}

class SchemaTest : public testing::TestWithParam<Manifest> {
 protected:
  static std::string text() { return read_file(GetParam().file); }

  base::Result<Api::Object> create(const std::string& yaml_text) {
    const auto given = yaml::parse(yaml_text);
    if (!given) return std::unexpected(given.error());
    return cluster.api.try_create(GetParam().kind, cluster.ns, given->as_object());
  }

  Cluster cluster{ControlPlane::shared()};
};

class Accepted : public SchemaTest {};
class Refused : public SchemaTest {};

TEST_P(Accepted, IsStored) {
  const auto created = create(text());
  EXPECT_TRUE(created) << created.error().describe();
}

TEST_P(Refused, IsToldWhy) {
  const std::string given = text();
  const std::string mark = "# message contains: ";
  ASSERT_TRUE(given.starts_with(mark));
  const std::string expected = given.substr(mark.size(), given.find('\n') - mark.size());

  const auto created = create(given);
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().reason, base::Reason::kInvalid);
  EXPECT_TRUE(created.error().describe().contains(expected)) << created.error().describe();
}

INSTANTIATE_TEST_SUITE_P(CappSchema, Accepted,
                         testing::ValuesIn(manifests(capp::kCapp, "capp_accept")), name_of);
INSTANTIATE_TEST_SUITE_P(CappSchema, Refused,
                         testing::ValuesIn(manifests(capp::kCapp, "capp_refuse")), name_of);
INSTANTIATE_TEST_SUITE_P(CappConfigSchema, Accepted,
                         testing::ValuesIn(manifests(capp::kCappConfig, "cappconfig_accept")),
                         name_of);
INSTANTIATE_TEST_SUITE_P(CappConfigSchema, Refused,
                         testing::ValuesIn(manifests(capp::kCappConfig, "cappconfig_refuse")),
                         name_of);

}  // namespace
}  // namespace test
