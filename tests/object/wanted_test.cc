#include "object/wanted.h"

#include <string>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace object {
namespace {

constexpr std::string_view kHash = "1-0123456789abcdef0123456789abcdef";

Ownership our_capp() {
  return {.controller = {.api_version = "rcs.dana.io/v1alpha1",
                         .kind = "Capp",
                         .name = "web",
                         .uid = "capp-1",
                         .controller = true},
          .identity = {{"rcs.dana.io/managed-by", "capp"}, {"rcs.dana.io/parent-capp", "web"}},
          .cluster_identity = {{"rcs.dana.io/parent-capp-ns", "shop"}}};
}

OwnerReference owner(std::string uid, bool controller) {
  return {.api_version = {},
          .kind = "Other",
          .name = "other",
          .uid = std::move(uid),
          .controller = controller};
}

Labels our_labels() {
  return our_capp().identity;
}

struct Case {
  std::string what;
  std::vector<OwnerReference> owners;
  std::string hash;
  Labels labels;
  bool adoptable;
  Ours expected;
};

// Behaviour, "Rules for writing" 4, line by line.
TEST(IsOurs, FollowsTheRule) {
  for (const Case& row : std::vector<Case>{
           {"our controller reference", {owner("capp-1", true)}, "", {}, false, Ours::kYes},
           {"our reference, not as controller",
            {owner("capp-1", false)},
            "",
            {},
            false,
            Ours::kYes},
           {"a lost owner reference, the hash", {}, std::string(kHash), {}, false, Ours::kYes},
           {"lost owner and hash, the labels", {}, "", our_labels(), false, Ours::kYes},
           {"a plain owner beside our labels",
            {owner("x", false)},
            "",
            our_labels(),
            false,
            Ours::kYes},
           {"nothing of ours", {}, "", {}, false, Ours::kNo},
           {"another hash", {}, "1-ffff", {}, false, Ours::kNo},
           {"one label of two", {}, "", {{"rcs.dana.io/managed-by", "capp"}}, false, Ours::kNo},
           {"the labels of another Capp",
            {},
            "",
            {{"rcs.dana.io/managed-by", "capp"}, {"rcs.dana.io/parent-capp", "api"}},
            false,
            Ours::kNo},
           {"another controller with our hash and labels",
            {owner("x", true)},
            std::string(kHash),
            our_labels(),
            false,
            Ours::kNo},
           {"another controller, handed over", {owner("x", true)}, "", {}, true, Ours::kNo},
           {"another controller beside our reference",
            {owner("capp-1", false), owner("x", true)},
            "",
            {},
            false,
            Ours::kNo},
           {"the Capp of that name that was deleted",
            {owner("capp-0", true)},
            "",
            our_labels(),
            false,
            Ours::kNo},
           {"handed over", {}, "", {}, true, Ours::kAdoptable},
           {"handed over, with a plain owner", {owner("x", false)}, "", {}, true, Ours::kAdoptable},
           {"handed over to another Capp before",
            {},
            "",
            {{"rcs.dana.io/managed-by", "capp"}, {"rcs.dana.io/parent-capp", "api"}},
            true,
            Ours::kNo},
           {"handed over, one label of two",
            {},
            "",
            {{"rcs.dana.io/managed-by", "capp"}},
            true,
            Ours::kAdoptable},
       }) {
    Record live;
    live.key = {.ns = "shop", .name = "web"};
    live.owners = row.owners;
    live.applied_hash = row.hash;
    live.labels = row.labels;
    live.adoptable = row.adoptable;
    EXPECT_EQ(is_ours(live, our_capp(), kHash), row.expected) << row.what;
  }
}

Record cluster_scoped(const std::string& parent_namespace) {
  Record live;
  live.key.name = "web.example.org";
  live.labels = our_labels();
  if (!parent_namespace.empty()) {
    live.labels.emplace_back("rcs.dana.io/parent-capp-ns", parent_namespace);
  }
  return live;
}

TEST(IsOurs, AsksAClusterScopedObjectForTheNamespaceToo) {
  EXPECT_EQ(is_ours(cluster_scoped("shop"), our_capp(), kHash), Ours::kYes);
  EXPECT_EQ(is_ours(cluster_scoped(""), our_capp(), kHash), Ours::kNo);
  EXPECT_EQ(is_ours(cluster_scoped("other"), our_capp(), kHash), Ours::kNo);
  Record lost_labels = cluster_scoped("");
  lost_labels.applied_hash = kHash;
  EXPECT_EQ(is_ours(lost_labels, our_capp(), kHash), Ours::kYes);
}

TEST(IsOurs, HandsAClusterScopedObjectOnToNoCappOfAnotherNamespace) {
  Record live = cluster_scoped("other");
  live.adoptable = true;
  EXPECT_EQ(is_ours(live, our_capp(), kHash), Ours::kNo);
  live = cluster_scoped("");
  live.adoptable = true;
  EXPECT_EQ(is_ours(live, our_capp(), kHash), Ours::kAdoptable);
}

TEST(IsOurs, DoesNotAskANamespacedObjectForTheNamespace) {
  Record live = cluster_scoped("other");
  live.key.ns = "shop";
  EXPECT_EQ(is_ours(live, our_capp(), kHash), Ours::kYes);
}

TEST(ForeignIdentity, IsEveryIdentityLabelOfAnObjectOfSomebodyElse) {
  EXPECT_EQ(foreign_identity(cluster_scoped("other"), our_capp()), cluster_scoped("other").labels);
}

TEST(ForeignIdentity, IsEmptyForOurLabelsHoweverFew) {
  EXPECT_EQ(foreign_identity(cluster_scoped("shop"), our_capp()), Labels{});
  EXPECT_EQ(foreign_identity(cluster_scoped(""), our_capp()), Labels{});
  EXPECT_EQ(foreign_identity(Record{}, our_capp()), Labels{});
}

TEST(IsOurs, TakesNoLabelsForNoIdentity) {
  Ownership nobody = our_capp();
  nobody.identity.clear();
  EXPECT_EQ(is_ours(Record{}, nobody, kHash), Ours::kNo);
}

TEST(AppliedHash, IsAVersionAnd32HexDigits) {
  // sha256('{"a":1}') begins with these 128 bits.
  EXPECT_EQ(applied_hash(boost::json::parse(R"({"a": 1})").as_object()),
            "1-015abd7f5cc57a2dd94b7590f04ad808");
}

TEST(AppliedHash, DoesNotDependOnTheOrderOfKeys) {
  EXPECT_EQ(applied_hash(boost::json::parse(R"({"a": {"b": 1, "c": 2}, "d": []})").as_object()),
            applied_hash(boost::json::parse(R"({"d": [], "a": {"c": 2, "b": 1}})").as_object()));
}

TEST(AppliedHash, DependsOnEveryValueAndTheOrderOfLists) {
  const auto hash = [](std::string_view text) {
    return applied_hash(boost::json::parse(text).as_object());
  };
  EXPECT_NE(hash(R"({"a": 1})"), hash(R"({"a": "1"})"));
  EXPECT_NE(hash(R"({"a": [1, 2]})"), hash(R"({"a": [2, 1]})"));
  EXPECT_NE(hash(R"({"a": {}})"), hash(R"({"a": []})"));
}

}  // namespace
}  // namespace object
