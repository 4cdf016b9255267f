#include "runtime/applier_decision.h"

#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

namespace runtime {
namespace {

using What = Decision::What;
using ::testing::HasSubstr;

constexpr object::Kind kKind{"example.org", "v1", "Thing", "things"};
constexpr std::string_view kHash = "1-wanted";
constexpr std::string_view kAllOwned =
    R"({"f:metadata":{"f:annotations":{"f:rcs.dana.io/applied-hash":{}}},"f:spec":{"f:x":{}}})";
constexpr std::string_view kSpecTaken =
    R"({"f:metadata":{"f:annotations":{"f:rcs.dana.io/applied-hash":{}}}})";
constexpr std::string_view kMoreOwned =
    R"({"f:metadata":{"f:annotations":{"f:rcs.dana.io/applied-hash":{}}},"f:spec":{"f:x":{},"f:y":{}}})";

object::Wanted wanted() {
  return {.kind = &kKind,
          .key = {.ns = "ns", .name = "a"},
          .body = {{"metadata", {{"annotations", {{"rcs.dana.io/applied-hash", kHash}}}}},
                   {"spec", {{"x", 1}}}}};
}

object::Ownership ours() {
  return {.controller = {.api_version = "rcs.dana.io/v1alpha1",
                         .kind = "Capp",
                         .name = "capp",
                         .uid = "capp-uid",
                         .controller = true},
          .identity = {{"parent", "capp"}}};
}

struct Case {
  std::string what;
  std::string hash;
  std::string fields;  // empty: no apply entry of ours
  bool settled;
  Decision expected;
};

TEST(Decide, ComparesTheHashAndWhatIsOwned) {
  object::OwnedSetPool pool;
  for (const Case& row : std::vector<Case>{
           {"as wanted", std::string(kHash), std::string(kAllOwned), false, {What::kLeave}},
           {"another content", "1-old", std::string(kAllOwned), false, {What::kApply}},
           {"a field taken",
            std::string(kHash),
            std::string(kSpecTaken),
            false,
            {.what = What::kApply, .taken = ".spec"}},
           {"a field taken, and another content",
            "1-old",
            std::string(kSpecTaken),
            false,
            {What::kApply}},
           {"a field too many", std::string(kHash), std::string(kMoreOwned), false, {What::kApply}},
           {"a field that the server prunes",
            std::string(kHash),
            std::string(kSpecTaken),
            true,
            {What::kLeave}},
           {"a hash that the server drops", "", std::string(kAllOwned), true, {What::kLeave}},
           {"written whole by somebody else, without our hash",
            "",
            R"({"f:metadata":{"f:labels":{"f:l":{}}}})",
            false,
            {.what = What::kApply, .taken = ".spec"}},
           {"only the hash taken",
            "",
            R"({"f:spec":{"f:x":{}}})",
            false,
            {.what = What::kApply, .taken = ".metadata"}},
           {"never applied", "", "", false, {.what = What::kApply, .never_applied = true}},
           {"its ownership cleared by hand",
            std::string(kHash),
            "",
            false,
            {.what = What::kApply, .taken = ".spec", .never_applied = true}},
       }) {
    object::Record live;
    live.key = wanted().key;
    live.labels = {{"parent", "capp"}};
    live.applied_hash = row.hash;
    if (!row.fields.empty()) live.owned = pool.read(boost::json::parse(row.fields)).value();
    EXPECT_EQ(decide(wanted(), kHash, live, ours(), row.settled), row.expected) << row.what;
  }
}

TEST(Decide, AsksFirstWhoseItIs) {
  object::Record live;
  live.terminating = true;
  EXPECT_EQ(decide(wanted(), kHash, live, ours(), true).what, What::kForeign);
  live.adoptable = true;
  EXPECT_EQ(decide(wanted(), kHash, live, ours(), true).what, What::kAwaitDeletion);
  live.terminating = false;
  EXPECT_EQ(decide(wanted(), kHash, live, ours(), false).what, What::kApply);
}

TEST(ForeignError, NamesTheController) {
  object::Record live;
  live.labels = {{"parent", "api"}};
  live.owners = {
      {.api_version = "v1", .kind = "Other", .name = "o", .uid = "x", .controller = true}};
  const auto error = foreign_error(wanted(), live, ours());
  EXPECT_EQ(error.reason, base::Reason::kAlreadyExists);
  EXPECT_EQ(error.message,
            "things.example.org ns/a exists and is controlled by Other o; it is not taken over");
}

TEST(ForeignError, NamesTheOwnerThatTheLabelsName) {
  object::Record live;
  live.labels = {{"parent", "capp"}, {"parent-ns", "other"}};
  auto ownership = ours();
  ownership.cluster_identity = {{"parent-ns", "ns"}};
  EXPECT_EQ(foreign_error(wanted(), live, ownership).message,
            "things.example.org ns/a exists and belongs to parent=capp, parent-ns=other; it is not "
            "taken over");
}

TEST(ForeignError, SaysHowToHandOverWhatIsNobodys) {
  EXPECT_THAT(foreign_error(wanted(), {}, ours()).message,
              HasSubstr(R"(annotate it with rcs.dana.io/adopt: "true")"));
}

}  // namespace
}  // namespace runtime
