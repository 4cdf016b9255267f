#include "object/owned_set.h"

#include <functional>
#include <string>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

namespace object {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

OwnedFields read(OwnedSetPool& pool, std::string_view fields_v1) {
  return pool.read(boost::json::parse(fields_v1)).value();
}

// What kube-apiserver 1.34 wrote for an apply of a Knative Service.
constexpr std::string_view kServiceFields = R"({
  "f:metadata": {
    "f:annotations": {"f:rcs.dana.io/applied-hash": {}},
    "f:labels": {"f:rcs.dana.io/managed-by": {}, "f:rcs.dana.io/parent-capp": {}},
    "f:ownerReferences": {"k:{\"uid\":\"UID\"}": {}}
  },
  "f:spec": {"f:template": {
    "f:metadata": {"f:annotations": {"f:autoscaling.knative.dev/metric": {}}},
    "f:spec": {"f:containers": {}, "f:enableServiceLinks": {}}
  }}
})";

std::string service_fields(std::string_view uid) {
  std::string text(kServiceFields);
  return text.replace(text.find("UID"), 3, uid);
}

boost::json::object service(std::string_view uid) {
  return boost::json::parse(R"({
    "apiVersion": "serving.knative.dev/v1", "kind": "Service",
    "metadata": {"name": "web", "namespace": "ns",
      "annotations": {"rcs.dana.io/applied-hash": "1-0"},
      "labels": {"rcs.dana.io/managed-by": "capp", "rcs.dana.io/parent-capp": "web"},
      "ownerReferences": [{"apiVersion": "rcs.dana.io/v1alpha1", "kind": "Capp", "name": "web",
                           "controller": true, "blockOwnerDeletion": true, "uid": ")" +
                            std::string(uid) + R"("}]},
    "spec": {"template": {
      "metadata": {"annotations": {"autoscaling.knative.dev/metric": "rps"}},
      "spec": {"enableServiceLinks": false,
               "containers": [{"name": "web", "image": "x", "ports": [{"containerPort": 80}]}]}}}
  })")
      .as_object();
}

TEST(OwnedSet, ReadsTheTreeAndTheCoverageOfEachNode) {
  OwnedSetPool pool;
  const auto fields =
      read(pool, R"({"f:b": {".": {}, "k:{\"name\":\"x\"}": {}, "v:1": {}, "i:0": {}},
                                     "f:a": {}, "f:spec": {"f:c": {}}})");
  const OwnedNode& root = *fields.set;
  EXPECT_EQ(root.coverage(), OwnedNode::Coverage::kPath);
  EXPECT_EQ(root.field("a")->coverage(), OwnedNode::Coverage::kAtomic);
  EXPECT_EQ(root.field("b")->coverage(), OwnedNode::Coverage::kSelf);
  EXPECT_EQ(root.field("b")->children().size(), 3U) << "the dot is no child";
  EXPECT_EQ(root.field("spec")->coverage(), OwnedNode::Coverage::kPath);
  EXPECT_NE(root.field("spec")->field("c"), nullptr);
  EXPECT_EQ(root.field("absent"), nullptr);
  EXPECT_EQ(root.field("spec")->field("a"), nullptr);
}

TEST(OwnedSet, FindsAFieldWhateverStandsBesideIt) {
  OwnedSetPool pool;
  const auto fields = read(
      pool, R"({"!": {}, "a:": {}, "f:": {}, "f:a": {}, "f:z~": {}, "i:1": {}, "v:\"f:m\"": {}})");
  for (const auto* name : {"", "a", "z~"}) EXPECT_NE(fields.set->field(name), nullptr) << name;
  for (const auto* name : {"b", "zz", "m", "1"})
    EXPECT_EQ(fields.set->field(name), nullptr) << name;
}

TEST(OwnedSet, RefusesWhatIsNoSet) {
  OwnedSetPool pool;
  for (const auto* text : {"[]", "null", R"({"f:a": 1})", R"({"f:a": {"f:b": []}})"}) {
    const auto fields = pool.read(boost::json::parse(text));
    ASSERT_FALSE(fields) << text;
    EXPECT_EQ(fields.error().reason, base::Reason::kProtocol);
  }
}

TEST(OwnedSet, TakesAnUnclosedOwnerElementAsItStands) {
  OwnedSetPool pool;
  const boost::json::value fields{
      {"f:metadata", {{"f:ownerReferences", {{R"(k:{"uid":"})", boost::json::object{}}}}}}};
  const auto owned = pool.read(fields);
  ASSERT_TRUE(owned);
  EXPECT_EQ(owned->owner_uid, "");
}

TEST(OwnedSetPool, StoresTheSetsOfSiblingsOnceAndTheirOwnersApart) {
  OwnedSetPool pool;
  const auto first = read(pool, service_fields("uid-1"));
  const auto second = read(pool, service_fields("uid-2"));
  EXPECT_EQ(first.set, second.set);
  EXPECT_EQ(first.owner_uid, "uid-1");
  EXPECT_EQ(second.owner_uid, "uid-2");
}

TEST(OwnedSetPool, DoesNotDependOnTheOrderOfKeys) {
  OwnedSetPool pool;
  EXPECT_EQ(read(pool, R"({"f:a": {"f:x": {}, ".": {}}, "f:b": {}})").set,
            read(pool, R"({"f:b": {}, "f:a": {".": {}, "f:x": {}}})").set);
}

TEST(OwnedSetPool, TellsCoveragesApart) {
  OwnedSetPool pool;
  const auto atomic = read(pool, R"({"f:a": {}})");
  const auto self = read(pool, R"({"f:a": {".": {}}})");
  EXPECT_NE(atomic.set, self.set);
}

TEST(OwnedSetPool, SharesSubtreesAndForgetsWhatNobodyHolds) {
  OwnedSetPool pool;
  auto first = read(pool, R"({"f:metadata": {"f:labels": {"f:a": {}}}, "f:spec": {"f:x": {}}})");
  const std::size_t alone = pool.size();
  auto second = read(pool, R"({"f:metadata": {"f:labels": {"f:a": {}}}, "f:data": {"f:x": {}}})");
  EXPECT_EQ(second.set->field("metadata"), first.set->field("metadata"));
  EXPECT_EQ(pool.size(), alone + 1) << "only the root is another one";
  first = {};
  EXPECT_EQ(pool.size(), alone);
  second = {};
  EXPECT_EQ(pool.size(), 0U);
}

TEST(OwnedSetPool, KeepsOnlyTheFirstOwnerApart) {
  OwnedSetPool pool;
  const auto fields = read(
      pool,
      R"({"f:metadata": {"f:ownerReferences": {"k:{\"uid\":\"a\"}": {}, "k:{\"uid\":\"b\"}": {}}}})");
  EXPECT_EQ(fields.owner_uid, "a");
  const auto& owners = fields.set->field("metadata")->field("ownerReferences")->children();
  EXPECT_THAT(owners, ElementsAre(testing::Field(&OwnedNode::Child::element, kOwnerReference),
                                  testing::Field(&OwnedNode::Child::element, R"(k:{"uid":"b"})")));
}

TEST(OwnedSetPool, TakesAUidElsewhereForNoOwner) {
  OwnedSetPool pool;
  const auto fields = read(pool, R"({"f:spec": {"f:items": {"k:{\"uid\":\"a\"}": {}}}})");
  EXPECT_EQ(fields.owner_uid, "");
}

// --- compare_ownership

struct Difference {
  std::vector<std::string> not_owned;
  std::vector<std::string> not_wanted;
};

Difference compare(std::string_view wanted, std::string_view fields_v1) {
  OwnedSetPool pool;
  const auto gap = compare_ownership(boost::json::parse(wanted).as_object(), read(pool, fields_v1));
  return {.not_owned = gap.not_owned, .not_wanted = gap.not_wanted};
}

TEST(CompareOwnership, IsEmptyForWhatAnApplyOfTheBodyLeaves) {
  OwnedSetPool pool;
  EXPECT_TRUE(compare_ownership(service("uid-1"), read(pool, service_fields("uid-1"))).empty());
}

TEST(CompareOwnership, SeesWhoTookAField) {
  OwnedSetPool pool;
  std::string fields = service_fields("uid-1");
  fields.erase(fields.find(R"("f:containers": {},)"),
               std::string_view(R"("f:containers": {},)").size());
  const auto gap = compare_ownership(service("uid-1"), read(pool, fields));
  EXPECT_THAT(gap.not_owned, ElementsAre(".spec.template.spec.containers"));
  EXPECT_THAT(gap.not_wanted, IsEmpty());
}

TEST(CompareOwnership, WantsEverythingWhereNothingIsOwned) {
  const auto gap = compare_ownership(service("uid-1"), OwnedFields{});
  EXPECT_THAT(gap.not_owned, ElementsAre(".metadata", ".spec"));
}

TEST(CompareOwnership, MissesTheHashAnnotationLikeAnyOther) {
  const auto gap =
      compare(R"({"metadata": {"annotations": {"rcs.dana.io/applied-hash": "1-0", "a": "b"}}})",
              R"({"f:metadata": {"f:annotations": {"f:a": {}}}})");
  EXPECT_THAT(gap.not_owned, ElementsAre(".metadata.annotations.rcs.dana.io/applied-hash"));
}

TEST(CompareOwnership, TakesAnAtomicAncestorForAllBelowIt) {
  const auto gap = compare(R"({"spec": {"list": [{"a": 1}, {"b": {"c": 2}}], "map": {"d": 3}}})",
                           R"({"f:spec": {"f:list": {}, "f:map": {}}})");
  EXPECT_THAT(gap.not_owned, IsEmpty());
  EXPECT_THAT(gap.not_wanted, IsEmpty());
}

TEST(CompareOwnership, TakesADotForThePathItselfOnly) {
  const auto gap = compare(R"({"spec": {"map": {"a": 1, "b": 2}}})",
                           R"({"f:spec": {"f:map": {".": {}, "f:a": {}}}})");
  EXPECT_THAT(gap.not_owned, ElementsAre(".spec.map.b"));
  EXPECT_THAT(compare(R"({"spec": {"map": {}}})", R"({"f:spec": {"f:map": {".": {}}}})").not_owned,
              IsEmpty());
}

TEST(CompareOwnership, NamesWhatIsOwnedAndNoLongerWanted) {
  const auto gap = compare(R"({"spec": {"a": 1}})",
                           R"({"f:spec": {"f:a": {}, "f:b": {"f:c": {}}}, "f:data": {}})");
  EXPECT_THAT(gap.not_owned, IsEmpty());
  EXPECT_THAT(gap.not_wanted, testing::UnorderedElementsAre(".spec.b", ".data"));
}

TEST(CompareOwnership, DoesNotCountTheIdentityOfTheObject) {
  const auto gap = compare(
      R"({"apiVersion": "v1", "kind": "X", "metadata": {"name": "n", "namespace": "ns",
          "labels": {"name": "n"}}})",
      R"({"f:metadata": {"f:labels": {}}})");
  EXPECT_THAT(gap.not_owned, IsEmpty());
}

TEST(CompareOwnership, CountsAFieldOfThatNameElsewhere) {
  EXPECT_THAT(
      compare(R"({"spec": {"name": "n", "kind": "k"}})", R"({"f:spec": {"f:name": {}}})").not_owned,
      ElementsAre(".spec.kind"));
}

TEST(CompareOwnership, MatchesItemsByTheirKeyFields) {
  const auto gap = compare(
      R"({"spec": {"env": [{"name": "B", "value": "1"}, {"name": "A", "value": "2"}]}})",
      R"({"f:spec": {"f:env": {".": {}, "k:{\"name\":\"A\"}": {".": {}, "f:name": {}, "f:value": {}},
                               "k:{\"name\":\"B\"}": {".": {}, "f:name": {}},
                               "k:{\"name\":\"C\"}": {".": {}, "f:name": {}}}}})");
  EXPECT_THAT(gap.not_owned, ElementsAre(".spec.env[0].value"));
  EXPECT_THAT(gap.not_wanted, ElementsAre(R"(.spec.env[k:{"name":"C"}])"));
}

TEST(CompareOwnership, TakesAKeyFieldThatTheItemLeavesOutForItsDefault) {
  const std::string_view owned =
      R"({"f:ports": {"k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}},
                      "k:{\"containerPort\":80,\"protocol\":\"UDP\"}":
                          {".": {}, "f:containerPort": {}, "f:protocol": {}}}})";
  const auto gap = compare(
      R"({"ports": [{"containerPort": 80}, {"containerPort": 80, "protocol": "UDP"}]})", owned);
  EXPECT_THAT(gap.not_owned, IsEmpty());
  EXPECT_THAT(gap.not_wanted, IsEmpty());
  EXPECT_THAT(compare(R"({"ports": [{"containerPort": 81}]})", owned).not_owned,
              ElementsAre(".ports[0]"));
}

TEST(CompareOwnership, MatchesTheItemThatNamesAllKeysBeforeOneThatLeavesSomeOut) {
  const auto gap =
      compare(R"({"ports": [{"containerPort": 80}, {"containerPort": 80, "protocol": "SCTP"}]})",
              R"({"f:ports": {"k:{\"containerPort\":80,\"protocol\":\"SCTP\"}":
                          {".": {}, "f:containerPort": {}, "f:protocol": {}},
                      "k:{\"containerPort\":80,\"protocol\":\"TCP\"}":
                          {".": {}, "f:containerPort": {}}}})");
  EXPECT_THAT(gap.not_owned, IsEmpty());
  EXPECT_THAT(gap.not_wanted, IsEmpty());
}

TEST(CompareOwnership, MatchesItemsOfASetByValue) {
  const auto gap =
      compare(R"({"metadata": {"finalizers": ["b", "a"]}, "n": [1]})",
              R"({"f:metadata": {"f:finalizers": {".": {}, "v:\"a\"": {}, "v:\"c\"": {}}},
                               "f:n": {"v:1": {}}})");
  EXPECT_THAT(gap.not_owned, ElementsAre(".metadata.finalizers[0]"));
  EXPECT_THAT(gap.not_wanted, ElementsAre(R"(.metadata.finalizers[v:"c"])"));
}

TEST(CompareOwnership, SeesThatTheOwnerReferenceIsOfAnotherUid) {
  OwnedSetPool pool;
  const auto gap = compare_ownership(service("uid-1"), read(pool, service_fields("uid-0")));
  EXPECT_THAT(gap.not_owned, ElementsAre(".metadata.ownerReferences[0]"));
  EXPECT_THAT(gap.not_wanted, ElementsAre(R"(.metadata.ownerReferences[k:{"uid":"$owner"}])"));
}

TEST(CompareOwnership, LacksAPathWhereItOrAnAncestorIsNotOwned) {
  const OwnershipGap gap{.not_owned = {".spec.a", ".l[0]"}, .not_wanted = {".data"}};
  EXPECT_TRUE(gap.lacks(".spec.a"));
  EXPECT_TRUE(gap.lacks(".spec.a.b"));
  EXPECT_TRUE(gap.lacks(".spec.a[1]"));
  EXPECT_TRUE(gap.lacks(".l[0].x"));
  EXPECT_FALSE(gap.lacks(".spec")) << "only a part of it";
  EXPECT_FALSE(gap.lacks(".spec.ab"));
  EXPECT_FALSE(gap.lacks(".l"));
  EXPECT_FALSE(gap.lacks(".data"));
}

TEST(CompareOwnership, SurvivesElementsThatAreNoneOfTheKnown) {
  const auto gap =
      compare(R"({"l": [1, {"a": 1}, null], "s": 1})",
              R"({"f:l": {"i:0": {}, "k:{": {}, "k:[]": {}, "v:": {}, "v:{": {}, "": {}},
                               "f:s": {"f:t": {}}})");
  EXPECT_THAT(gap.not_owned, testing::UnorderedElementsAre(".l[0]", ".l[1]", ".l[2]", ".s"));
}

}  // namespace
}  // namespace object
