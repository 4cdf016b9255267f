// The schemas of Capp, CappConfig and CappRevision refuse what can never work, with no webhook
// running (behaviour 1 and 3). Each file of data/ is tried: those to be refused say in their first
// line what the message contains.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "capp/kinds.h"
#include "tests/support/cluster.h"
#include "tests/support/places.h"
#include "yaml/convert.h"

namespace test {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> manifests(const std::string& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(in_source("tests/apiserver/data/" + folder))) {
    found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

// All files of a kind in one process: starting one, and a namespace, takes longer than a request.
class Schema : public testing::Test {
 protected:
  void expect_stored(const object::Kind& kind, const std::string& folder) {
    for (const auto& file : manifests(folder)) {
      SCOPED_TRACE(file);
      const auto created = create(kind, read_file(file));
      ASSERT_TRUE(created) << created.error().describe();
      // The next one may have its name.
      cluster_.api.remove(kind, cluster_.key(at(*created, "/metadata/name")));
    }
  }

  void expect_refused(const object::Kind& kind, const std::string& folder) {
    for (const auto& file : manifests(folder)) {
      SCOPED_TRACE(file);
      expect_told_why(kind, read_file(file));
    }
  }

 private:
  base::Result<Api::Object> create(const object::Kind& kind, const std::string& yaml_text) {
    const auto given = yaml::parse(yaml_text);
    if (!given) return std::unexpected(given.error());
    return cluster_.api.try_create(kind, cluster_.ns, given->as_object());
  }

  void expect_told_why(const object::Kind& kind, const std::string& given) {
    const std::string mark = "# message contains: ";
    ASSERT_TRUE(given.starts_with(mark));
    const std::string expected = given.substr(mark.size(), given.find('\n') - mark.size());

    const auto created = create(kind, given);
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().reason, base::Reason::kInvalid);
    EXPECT_TRUE(created.error().describe().contains(expected)) << created.error().describe();
  }

  Cluster cluster_{ControlPlane::shared()};
};

TEST_F(Schema, OfCappTakesWhatCanWork) {
  expect_stored(capp::kCapp, "capp_accept");
}

TEST_F(Schema, OfCappSaysWhyItRefusesTheRest) {
  expect_refused(capp::kCapp, "capp_refuse");
}

TEST_F(Schema, OfCappConfigTakesWhatCanWork) {
  expect_stored(capp::kCappConfig, "cappconfig_accept");
}

TEST_F(Schema, OfCappConfigSaysWhyItRefusesTheRest) {
  expect_refused(capp::kCappConfig, "cappconfig_refuse");
}

TEST_F(Schema, OfCappRevisionSaysWhyItRefusesWhatIsNone) {
  expect_refused(capp::kCappRevision, "capprevision_refuse");
}

}  // namespace
}  // namespace test
