#include "runtime/wire_reader.h"

#include <string>

#include <gmock/gmock.h>

namespace runtime {
namespace {

using ::testing::HasSubstr;

class WireReaderTest : public ::testing::Test {
 protected:
  object::Projection projection{.filter = json::Filter::keep(object::record_metadata_paths()),
                                .labels = {"a"},
                                .field_manager = "capp-operator",
                                .body = nullptr};
  object::OwnedSetPool pool;
  WireReader reader{projection, pool};

  template <class Expected>
  Expected event(std::string_view line) {
    return std::get<Expected>(reader.event(line).value());
  }
  std::string words(std::string_view line) {
    const auto input = reader.event(line);
    return input ? "no error" : input.error().message;
  }
};

constexpr std::string_view kObject =
    R"({"kind":"Service","metadata":{"name":"n","namespace":"ns","uid":"u","resourceVersion":"7",)"
    R"("labels":{"a":"1"}},"spec":{"big":[1,2,3]}})";

std::string of_type(std::string_view type) {
  return R"({"type":")" + std::string(type) + R"(","object":)" + std::string(kObject) + "}";
}

TEST_F(WireReaderTest, ReadsTheObjectOfAnEvent) {
  const auto added = event<Event>(of_type("ADDED"));
  EXPECT_EQ(added.type, EventType::kAdded);
  EXPECT_EQ(added.record->key, (object::Key{.ns = "ns", .name = "n"}));
  EXPECT_EQ(added.record->resource_version, 7U);
  EXPECT_EQ(added.record->label("a"), "1");
  EXPECT_EQ(event<Event>(of_type("MODIFIED")).type, EventType::kModified);
  EXPECT_EQ(event<Event>(of_type("DELETED")).type, EventType::kDeleted);
}

TEST_F(WireReaderTest, ReadsABookmarkAndWhetherItEndsTheInitialEvents) {
  const auto bookmark = event<Bookmark>(
      R"({"type":"BOOKMARK","object":{"kind":"Service","metadata":{"resourceVersion":"9"}}})");
  EXPECT_EQ(bookmark.resource_version, 9U);
  EXPECT_FALSE(bookmark.initial_events_end);
  EXPECT_TRUE(event<Bookmark>(R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9",
      "annotations":{"k8s.io/initial-events-end":"true"}}}})")
                  .initial_events_end);
}

TEST_F(WireReaderTest, ReadsTheStatusOfAnError) {
  const auto failed = event<StreamError>(
      R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"old"}})");
  EXPECT_EQ(failed.error.reason, base::Reason::kGone);
  EXPECT_EQ(failed.error.message, "old");
}

TEST_F(WireReaderTest, SaysWhatIsWrongWithAnEvent) {
  EXPECT_THAT(words("{"), HasSubstr("not JSON"));
  EXPECT_THAT(words("[]"), HasSubstr("without an object"));
  EXPECT_THAT(words(R"({"type":"ADDED"})"), HasSubstr("without an object"));
  EXPECT_THAT(words(R"({"type":"ADDED","object":{}})"), HasSubstr("without metadata"));
  EXPECT_THAT(words(of_type("GONE")), HasSubstr("unknown type \"GONE\""));
  EXPECT_THAT(words(R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"x"}}})"),
              HasSubstr("resourceVersion \"x\""));
}

TEST_F(WireReaderTest, RefusesAnEventThatWasCutAnywhere) {
  const std::string line = of_type("ADDED");
  for (std::size_t length = 0; length < line.size(); ++length) {
    EXPECT_FALSE(reader.event(line.substr(0, length))) << length;
  }
}

TEST_F(WireReaderTest, ReadsAnItemOfAList) {
  EXPECT_EQ(reader.item(kObject).value()->uid, "u");
  EXPECT_FALSE(reader.item("1"));
}

TEST_F(WireReaderTest, ReadsTheEndOfAList) {
  const auto page =
      WireReader::page(R"({"items":[],"metadata":{"resourceVersion":"9","continue":"c"}})",
                       {reader.item(kObject).value()})
          .value();
  EXPECT_EQ(page.resource_version, 9U);
  EXPECT_EQ(page.continue_token, "c");
  EXPECT_EQ(page.records.size(), 1U);
  EXPECT_TRUE(WireReader::page(R"({"items":null,"metadata":{"resourceVersion":"9"}})", {}));
}

// Else every object of the kind would count as deleted.
TEST_F(WireReaderTest, TakesADocumentWithoutItemsForNoEmptyList) {
  for (const auto* rest :
       {R"({"metadata":{"resourceVersion":"9"}})", R"({"items":[]})", "[]", "{"}) {
    const auto page = WireReader::page(rest, {});
    ASSERT_FALSE(page) << rest;
    EXPECT_EQ(page.error().reason, base::Reason::kProtocol);
  }
}

}  // namespace
}  // namespace runtime
