#include "runtime/store.h"

#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "tests/runtime/model.h"

namespace runtime {
namespace {

using test::record;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr object::Kind kKind{"example.org", "v1", "Thing", "things"};

object::Key key(const std::string& name) {
  return {.ns = "ns", .name = name};
}

// "a@1>2" a change, "+a@1" an appearance, "-a@1" a disappearance; "initial " or "missed " before
// it.
std::string text(const Change& change) {
  const auto version = [](const object::RecordPtr& of) {
    return std::to_string(of->resource_version);
  };
  const std::string name = change.record().key.name;
  const std::string prefix = change.initial ? "initial " : change.missed ? "missed " : "";
  if (!change.before) return prefix + "+" + name + "@" + version(change.after);
  if (!change.after) return prefix + "-" + name + "@" + version(change.before);
  return prefix + name + "@" + version(change.before) + ">" + version(change.after);
}

object::RecordPtr labelled(const std::string& name, std::uint64_t version,
                           const std::string& value) {
  auto made = std::make_shared<object::Record>(*record(name, version));
  made->labels = {{"l", value}};
  return made;
}

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() {
    store.set_handler([this](const Change& change) { changes.push_back(text(change)); });
  }
  // The whole state, as a list at `version` that has these records.
  void sync(const std::vector<object::RecordPtr>& records, std::uint64_t version,
            bool rewound = false) {
    store.init(rewound);
    for (const auto& one : records) store.init_apply(one);
    store.init_done(version);
  }
  // The changes told since the last call.
  std::vector<std::string> told() { return std::exchange(changes, {}); }
  // "name@version" of all records.
  std::vector<std::string> content() const {
    std::vector<std::string> names;
    for (const auto& one : store.all()) {
      names.push_back(one->key.name + "@" + std::to_string(one->resource_version));
    }
    return names;
  }

  Store store{kKind, [](const object::Record& of) { return std::string(of.label("l")); }};
  std::vector<std::string> changes;
};

TEST_F(StoreTest, TellsWhatWasThereAtTheStartAsInitial) {
  sync({record("a", 1), record("b", 2)}, 5);
  EXPECT_THAT(told(), ElementsAre("initial +a@1", "initial +b@2"));
  EXPECT_EQ(store.size(), 2U);
}

TEST_F(StoreTest, TellsEachChange) {
  sync({}, 1);
  store.apply(record("a", 2));
  store.apply(record("a", 3));
  store.remove(record("a", 4));
  EXPECT_THAT(told(), ElementsAre("+a@2", "a@2>3", "-a@3"));
  EXPECT_THAT(content(), IsEmpty());
}

TEST_F(StoreTest, IgnoresAnEventThatIsOlderThanWhatItHas) {
  sync({record("a", 5)}, 5);
  told();
  store.apply(record("a", 4));
  store.apply(record("a", 5));
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_THAT(content(), ElementsAre("a@5"));
}

TEST_F(StoreTest, AnswersWithOurOwnWriteAtOnceAndTheEchoWakesNobody) {
  sync({record("a", 1)}, 1);
  told();
  {
    Store::Write write(store, key("a"));
    write.answered(record("a", 2));
    EXPECT_EQ(store.get(key("a"))->resource_version, 2U);
  }
  store.apply(record("a", 2));
  EXPECT_THAT(told(), IsEmpty());
  store.apply(record("a", 3));
  EXPECT_THAT(told(), ElementsAre("a@2>3")) << "news after the echo wakes";
}

TEST_F(StoreTest, WakesNobodyWhereTheEventComesBeforeTheAnswer) {
  sync({record("a", 1)}, 1);
  told();
  {
    Store::Write write(store, key("a"));
    store.apply(record("a", 2));
    write.answered(record("a", 2));
  }
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_THAT(content(), ElementsAre("a@2"));
}

TEST_F(StoreTest, WakesAfterTheWriteWhereSomebodyElseChangedTheObjectMeanwhile) {
  sync({record("a", 1)}, 1);
  told();
  {
    Store::Write write(store, key("a"));
    store.apply(record("a", 2));
    EXPECT_THAT(told(), IsEmpty()) << "not while the write is under way";
    write.answered(record("a", 3));
  }
  EXPECT_THAT(told(), ElementsAre("a@1>3"));
}

TEST_F(StoreTest, WakesForAForeignChangeBetweenTwoWritesOfOurs) {
  sync({record("a", 1)}, 1);
  told();
  for (const std::uint64_t version : {2U, 4U}) {
    Store::Write write(store, key("a"));
    write.answered(record("a", version));
  }
  store.apply(record("a", 2));
  EXPECT_THAT(told(), IsEmpty());
  store.apply(record("a", 3));
  EXPECT_THAT(told(), ElementsAre("missed a@4>4"))
      << "the record is newer, but nobody was told of 3";
  store.apply(record("a", 4));
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(StoreTest, WakesForWhatARelistMayHideBelowOurWrite) {
  sync({record("a", 1)}, 1);
  told();
  {
    Store::Write write(store, key("a"));
    write.answered(record("a", 3));
  }
  sync({record("a", 3)}, 4);
  EXPECT_THAT(told(), ElementsAre("missed a@3>3")) << "2 may have been somebody else's";
  sync({record("a", 3)}, 5);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(StoreTest, WakesForWhatARelistDuringOurWriteMayHide) {
  sync({record("a", 1)}, 1);
  told();
  {
    Store::Write write(store, key("a"));
    sync({record("a", 3)}, 4);
    write.answered(record("a", 3));
  }
  EXPECT_THAT(told(), ElementsAre("a@1>3"));
}

TEST_F(StoreTest, WakesNobodyForAWriteThatFailed) {
  sync({record("a", 1)}, 1);
  told();
  {
    const Store::Write write(store, key("a"));
  }
  EXPECT_THAT(told(), IsEmpty());
  store.apply(record("a", 2));
  EXPECT_THAT(told(), ElementsAre("a@1>2"));
}

TEST_F(StoreTest, WakesOnceAllWritesOfTheObjectHaveEnded) {
  sync({record("a", 1)}, 1);
  told();
  {
    const Store::Write outer(store, key("a"));
    {
      const Store::Write inner(store, key("a"));
      store.apply(record("a", 2));
    }
    EXPECT_THAT(told(), IsEmpty());
  }
  EXPECT_THAT(told(), ElementsAre("a@1>2"));
}

TEST_F(StoreTest, CountsAMovedWriteOnce) {
  sync({record("a", 1)}, 1);
  told();
  {
    std::vector<Store::Write> writes;
    writes.emplace_back(store, key("a"));
    writes.emplace_back(store, key("b"));  // moves the first
    store.apply(record("a", 2));
  }
  EXPECT_THAT(told(), ElementsAre("a@1>2"));
}

TEST_F(StoreTest, ForgetsAnObjectThatWeDeletedAndItsEchoWakesNobody) {
  sync({record("a", 1)}, 1);
  told();
  {
    Store::Write write(store, key("a"));
    write.deleted("a");
  }
  EXPECT_EQ(store.get(key("a")), nullptr);
  store.remove(record("a", 2));
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(StoreTest, WakesNobodyWhereTheDeletionIsToldBeforeItsAnswer) {
  sync({record("a", 1)}, 1);
  told();
  {
    Store::Write write(store, key("a"));
    store.remove(record("a", 2));
    write.deleted("a");
  }
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_THAT(content(), IsEmpty());
}

// A status update that was on its way when we deleted the object.
TEST_F(StoreTest, WakesNobodyForALateEventOfAnObjectThatWeDeleted) {
  sync({record("a", 1)}, 1);
  told();
  {
    Store::Write write(store, key("a"));
    write.deleted("a");
  }
  store.apply(record("a", 2));
  EXPECT_EQ(store.get(key("a")), nullptr) << "it does not come back";
  store.remove(record("a", 3));
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(StoreTest, WakesWhereSomebodyElseDeletesTheObjectDuringAWrite) {
  sync({record("a", 1)}, 1);
  told();
  {
    const Store::Write write(store, key("a"));
    store.remove(record("a", 2));
    EXPECT_THAT(told(), IsEmpty());
  }
  EXPECT_THAT(told(), ElementsAre("-a@1"));
}

TEST_F(StoreTest, TakesAnObjectOfTheSameNameForAnotherOne) {
  sync({record("a", 1, "first")}, 1);
  told();
  {
    Store::Write write(store, key("a"));
    write.deleted("first");
  }
  store.apply(record("a", 5, "second"));
  EXPECT_THAT(told(), ElementsAre("+a@5"));
  store.remove(record("a", 2, "first"));
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_THAT(content(), ElementsAre("a@5")) << "the echo of the first does not remove the second";
}

TEST_F(StoreTest, DeletesWithARelistWhatIsNotThereAnyMore) {
  sync({record("a", 1), record("b", 2)}, 2);
  told();
  sync({record("b", 2), record("c", 7)}, 9);
  EXPECT_THAT(told(), UnorderedElementsAre(testing::EndsWith("+c@7"), "-a@1"));
  EXPECT_THAT(content(), UnorderedElementsAre("b@2", "c@7"));
}

TEST_F(StoreTest, KeepsAnAnswerThatIsNewerThanTheRelist) {
  sync({}, 1);
  {
    Store::Write write(store, key("a"));
    write.answered(record("a", 12));
  }
  sync({}, 10);
  EXPECT_THAT(content(), ElementsAre("a@12"));
  sync({record("a", 5)}, 11);
  EXPECT_THAT(content(), ElementsAre("a@12")) << "nor does an older version replace it";
  told();
  sync({}, 13);
  EXPECT_THAT(content(), IsEmpty()) << "a list that must know it does not have it";
  EXPECT_THAT(told(), ElementsAre("-a@12"));
}

TEST_F(StoreTest, TakesARewoundServersOlderVersions) {
  sync({record("a", 100), record("b", 101)}, 101);
  told();
  sync({record("a", 7)}, 9, /*rewound=*/true);
  EXPECT_THAT(told(), ElementsAre(testing::EndsWith("a@100>7"), "-b@101"));
  store.apply(record("a", 8));
  EXPECT_THAT(content(), ElementsAre("a@8"));
}

TEST_F(StoreTest, IgnoresAnAnswerThatTheWatchIsPast) {
  sync({record("a", 1)}, 1);
  {
    Store::Write write(store, key("a"));
    store.apply(record("a", 5));
    write.answered(record("a", 3));
    EXPECT_EQ(store.get(key("a"))->resource_version, 5U);
  }
  told();
  store.apply(record("a", 6));
  EXPECT_THAT(told(), ElementsAre("a@5>6"));
}

TEST_F(StoreTest, FindsARecordUnderItsIndexValueAlone) {
  sync({labelled("a", 1, "x"), labelled("b", 1, "x"), record("c", 1)}, 1);
  EXPECT_THAT(store.by_index("x"), SizeIs(2));
  EXPECT_THAT(store.by_index(""), IsEmpty()) << "what has no value is not indexed";
  store.apply(labelled("a", 2, "y"));
  EXPECT_THAT(store.by_index("x"), SizeIs(1));
  EXPECT_THAT(store.by_index("y"), SizeIs(1));
  store.remove(labelled("a", 3, "y"));
  EXPECT_THAT(store.by_index("y"), IsEmpty());
}

TEST_F(StoreTest, MovesTheIndexWithOurOwnWrites) {
  sync({labelled("a", 1, "x")}, 1);
  Store::Write write(store, key("a"));
  write.answered(labelled("a", 2, "y"));
  EXPECT_THAT(store.by_index("x"), IsEmpty());
  EXPECT_THAT(store.by_index("y"), SizeIs(1));
  write.deleted("a");
  EXPECT_THAT(store.by_index("y"), IsEmpty());
}

TEST_F(StoreTest, TellsThatAllIsGoneWithItsKind) {
  sync({labelled("a", 1, "x")}, 1);
  told();
  store.clear();
  EXPECT_THAT(told(), ElementsAre("-a@1"));
  EXPECT_THAT(store.by_index("x"), IsEmpty());
  sync({record("b", 1)}, 1);
  EXPECT_THAT(told(), ElementsAre("initial +b@1")) << "a kind that comes back is read anew";
}

}  // namespace
}  // namespace runtime
