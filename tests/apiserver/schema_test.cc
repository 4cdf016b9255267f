// The Capp's schema refuses what can never work, with no webhook running (behaviour 1). A test is a
// file of data/: those of capp_refuse say in their first line what the message contains.

#include <filesystem>
#include <string>
#include <vector>

#include "capp/kinds.h"
#include "tests/support/cluster.h"
#include "yaml/convert.h"

namespace test {
namespace {

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(CAPP_SOURCE_DIR "/tests/apiserver/data/" + folder)) {
    names.push_back(entry.path().stem());
  }
  std::ranges::sort(names);
  return names;
}

class SchemaData : public testing::TestWithParam<std::string> {
 protected:
  static std::string text(const std::string& folder) {
    return read_file(CAPP_SOURCE_DIR "/tests/apiserver/data/" + folder + "/" + GetParam() +
                     ".yaml");
  }

  base::Result<Api::Object> create(const std::string& yaml_text) {
    const auto capp = yaml::parse(yaml_text);
    if (!capp) return std::unexpected(capp.error());
    return cluster.api.try_create(capp::kCapp, cluster.ns, capp->as_object());
  }

  Cluster cluster{ControlPlane::shared()};
};

class AcceptedCapp : public SchemaData {};
class RefusedCapp : public SchemaData {};

TEST_P(AcceptedCapp, IsStored) {
  const auto created = create(text("capp_accept"));
  EXPECT_TRUE(created) << created.error().describe();
}

TEST_P(RefusedCapp, IsToldWhy) {
  const std::string given = text("capp_refuse");
  const std::string mark = "# message contains: ";
  ASSERT_TRUE(given.starts_with(mark));
  const std::string expected = given.substr(mark.size(), given.find('\n') - mark.size());

  const auto created = create(given);
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().reason, base::Reason::kInvalid);
  EXPECT_TRUE(created.error().describe().contains(expected)) << created.error().describe();
}

INSTANTIATE_TEST_SUITE_P(Schema, AcceptedCapp, testing::ValuesIn(names_in("capp_accept")),
                         [](const auto& tested) { return tested.param; });
INSTANTIATE_TEST_SUITE_P(Schema, RefusedCapp, testing::ValuesIn(names_in("capp_refuse")),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace test
