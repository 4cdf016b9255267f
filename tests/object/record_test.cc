#include "object/record.h"

#include <string>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include "json/parse.h"

namespace object {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kObject = R"({
  "apiVersion": "serving.knative.dev/v1", "kind": "Service",
  "metadata": {
    "name": "web", "namespace": "ns", "uid": "u-1", "resourceVersion": "18446744073709551615",
    "generation": 3, "deletionTimestamp": "2026-11-23T03:55:41Z", "finalizers": ["f/1", "f/2"],
    "labels": {"b": "2", "a": "1", "other": "x"},
    "annotations": {"rcs.dana.io/applied-hash": "1-00", "rcs.dana.io/adopt": "true", "big": "…"},
    "ownerReferences": [
      {"apiVersion": "v1", "kind": "ConfigMap", "name": "c", "uid": "u-2"},
      {"apiVersion": "rcs.dana.io/v1alpha1", "kind": "Capp", "name": "web", "uid": "u-3",
       "controller": true, "blockOwnerDeletion": true}],
    "managedFields": [
      {"manager": "other", "operation": "Apply", "fieldsV1": {"f:other": {}}},
      {"manager": "capp-operator", "operation": "Update", "fieldsV1": {"f:update": {}}},
      {"manager": "capp-operator", "operation": "Apply", "subresource": "status",
       "fieldsV1": {"f:status": {}}},
      {"manager": "capp-operator", "operation": "Apply", "fieldsV1": {"f:spec": {}}}]
  },
  "spec": {"big": "…"}, "status": {"url": "x"}
})";

std::string status_of(const boost::json::object& object) {
  return boost::json::serialize(object.at("status"));
}

Projection projection() {
  auto paths = record_metadata_paths();
  paths.emplace_back("/status");
  return {.filter = json::Filter::keep(paths),
          .labels = {"b", "a", "absent"},
          .field_manager = "capp-operator",
          .body = status_of};
}

base::Result<RecordPtr> read(std::string_view text) {
  OwnedSetPool pool;
  const auto how = projection();
  return read_record(json::parse(text, how.filter).value(), how, pool);
}

TEST(Record, IsReadFromAFilteredObject) {
  const auto record = read(kObject).value();
  EXPECT_EQ(record->key, (Key{.ns = "ns", .name = "web"}));
  EXPECT_EQ(record->uid, "u-1");
  EXPECT_EQ(record->resource_version, UINT64_MAX);
  EXPECT_EQ(record->generation, 3);
  EXPECT_TRUE(record->terminating);
  EXPECT_EQ(record->applied_hash, "1-00");
  EXPECT_TRUE(record->adoptable);
  EXPECT_THAT(record->finalizers, ElementsAre("f/1", "f/2"));
  EXPECT_EQ(record->body, R"({"url":"x"})");
}

TEST(Record, KeepsOnlyTheLabelsOfTheProjection) {
  const auto record = read(kObject).value();
  EXPECT_THAT(record->labels, ElementsAre(testing::Pair("a", "1"), testing::Pair("b", "2")));
  EXPECT_EQ(record->label("b"), "2");
  EXPECT_EQ(record->label("other"), "");
}

TEST(Record, TellsTheControllerFromOtherOwners) {
  const auto record = read(kObject).value();
  ASSERT_EQ(record->owners.size(), 2U);
  EXPECT_EQ(record->controller(), &record->owners[1]);
  EXPECT_EQ(*record->controller(), (OwnerReference{.api_version = "rcs.dana.io/v1alpha1",
                                                   .kind = "Capp",
                                                   .name = "web",
                                                   .uid = "u-3",
                                                   .controller = true}));
}

TEST(Record, HasOurApplySetOfTheMainResourceAlone) {
  const auto record = read(kObject).value();
  ASSERT_NE(record->owned.set, nullptr);
  EXPECT_NE(record->owned.set->field("spec"), nullptr);
  EXPECT_EQ(record->owned.set->children().size(), 1U);
}

TEST(Record, NeedsNoMoreThanNameUidAndVersion) {
  const auto record =
      read(R"({"metadata": {"name": "n", "uid": "u", "resourceVersion": "7"}, "status": 1})")
          .value();
  EXPECT_EQ(record->key, (Key{.ns = "", .name = "n"}));
  EXPECT_FALSE(record->terminating);
  EXPECT_FALSE(record->adoptable);
  EXPECT_EQ(record->controller(), nullptr);
  EXPECT_EQ(record->owned.set, nullptr);
}

TEST(Record, IsAdoptableOnlyWhereTheAnnotationSaysTrue) {
  for (const auto* value : {R"("false")", R"("True")", R"("")", "true", "null"}) {
    const auto record =
        read(std::string(R"({"metadata": {"name": "n", "uid": "u", "resourceVersion": "7",
                             "annotations": {"rcs.dana.io/adopt": )") +
             value + "}}, \"status\": 1}")
            .value();
    EXPECT_FALSE(record->adoptable) << value;
  }
}

TEST(Record, SkipsWhatHasAnotherType) {
  const auto record =
      read(R"({"metadata": {"name": "n", "uid": "u", "resourceVersion": "7", "generation": "x",
              "labels": {"a": 1, "b": "2"}, "finalizers": [1, "f"], "ownerReferences": ["x", {}],
              "managedFields": [1, {"manager": 2}]}, "status": 1})")
          .value();
  EXPECT_EQ(record->generation, 0);
  EXPECT_THAT(record->labels, ElementsAre(testing::Pair("b", "2")));
  EXPECT_THAT(record->finalizers, ElementsAre("f"));
  EXPECT_EQ(record->owners, std::vector<OwnerReference>(1));
}

struct Bad {
  std::string object;
  std::string words;
};

TEST(Record, NamesTheFieldThatIsMissingOrWrong) {
  const auto with_version = [](const std::string& version) {
    return R"({"metadata": {"name": "n", "uid": "u", "resourceVersion": )" + version + "}}";
  };
  for (const Bad& bad :
       {Bad{"[]", "without metadata"}, Bad{R"({"metadata": 1})", "without metadata"},
        Bad{R"({"metadata": {"uid": "u", "resourceVersion": "1"}})", "metadata.name"},
        Bad{R"({"metadata": {"name": "n", "resourceVersion": "1"}})", "metadata.uid"},
        Bad{R"({"metadata": {"name": 1, "uid": "u", "resourceVersion": "1"}})", "metadata.name"},
        Bad{with_version("1"), "metadata.resourceVersion \"\""},
        Bad{with_version(R"("")"), "metadata.resourceVersion \"\""},
        Bad{with_version(R"("-1")"), "\"-1\" is not a decimal number"},
        Bad{with_version(R"("1x")"), "\"1x\" is not a decimal number"},
        Bad{with_version(R"("18446744073709551616")"), "is not a decimal number"}}) {
    const auto record = read(bad.object);
    ASSERT_FALSE(record) << bad.object;
    EXPECT_EQ(record.error().reason, base::Reason::kProtocol);
    EXPECT_THAT(record.error().message, HasSubstr(bad.words)) << bad.object;
  }
}

TEST(Record, RefusesASetThatIsNone) {
  const auto record =
      read(R"({"metadata": {"name": "n", "uid": "u", "resourceVersion": "1", "managedFields": [
              {"manager": "capp-operator", "operation": "Apply", "fieldsV1": {"f:a": 1}}]}})");
  ASSERT_FALSE(record);
  EXPECT_THAT(record.error().message, HasSubstr("fieldsV1"));
}

}  // namespace
}  // namespace object
