// Queue with real threads: no lost wake-up, no key in two hands, no getter that a shutdown leaves
// behind. Nothing here waits for time to pass; a defect shows as a test that does not end (ctest's
// time limit).

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "runtime/queue.h"

namespace runtime::test {
namespace {

using namespace std::chrono_literals;

object::Key key(int number) {
  return {.ns = "ns", .name = std::to_string(number)};
}

TEST(Queue, WakesAGetterThatIsBlocked) {
  Queue queue;
  std::jthread getter([&](std::stop_token) { EXPECT_EQ(queue.get({})->key, key(1)); });
  queue.add(key(1));
}

TEST(Queue, WakesAGetterWhenADelayEnds) {
  Queue queue;
  queue.add(key(1), {.after = 1h});
  std::jthread getter([&](std::stop_token) { EXPECT_EQ(queue.get({})->key, key(2)); });
  queue.add(key(2), {.after = 1ms});
}

TEST(Queue, WakesAGetterWhenAKeyIsDone) {
  Queue queue;
  queue.add(key(1));
  ASSERT_TRUE(queue.get({}));
  queue.add(key(1));
  std::jthread getter([&](std::stop_token) { EXPECT_EQ(queue.get({})->key, key(1)); });
  queue.done(key(1));
}

TEST(Queue, ShutdownReleasesEveryBlockedGetter) {
  Queue queue;
  std::vector<std::jthread> getters;
  for (int i = 0; i < 8; ++i) {
    getters.emplace_back([&](std::stop_token) { EXPECT_FALSE(queue.get({})); });
  }
  queue.shut_down();
}

TEST(Queue, AStopTokenReleasesItsOwnGetterOnly) {
  Queue queue;
  std::jthread stays([&](std::stop_token stop) { EXPECT_EQ(queue.get(stop)->key, key(1)); });
  {
    std::jthread goes([&](std::stop_token stop) { EXPECT_FALSE(queue.get(stop)); });
  }
  queue.add(key(1));
  stays.join();
}

TEST(Queue, AStopThatCameBeforeGetIsSeen) {
  Queue queue;
  queue.add(key(1));
  std::stop_source source;
  source.request_stop();
  EXPECT_FALSE(queue.get(source.get_token()));
}

// controller-runtime#3538: a shutdown while keys are being handed out left getters blocked for
// ever.
TEST(Queue, ShutdownWhileKeysAreHandedOutLeavesNobodyBehind) {
  for (int round = 0; round < 50; ++round) {
    Queue queue;
    std::atomic<int> handed_out = 0;
    std::vector<std::jthread> workers;
    for (int worker = 0; worker < 8; ++worker) {
      workers.emplace_back([&, worker](std::stop_token) {
        // A key of its own each time: one that somebody has in hand already would wake nobody, and
        // the workers would wait for each other.
        for (int i = worker;; i += 8) {
          queue.add(key(i), {.priority = i % 100});
          if (!queue.get({})) return;
          ++handed_out;
        }
      });
    }
    while (handed_out < 100) std::this_thread::yield();
    queue.shut_down();
  }
}

TEST(Queue, HandsEveryKeyToOneWorkerAtATime) {
  constexpr int kKeys = 50;
  constexpr int kRounds = 200;
  Queue queue;
  std::array<std::atomic<int>, kKeys> in_hand{};
  std::array<std::atomic<int>, kKeys> added{};
  std::array<std::atomic<int>, kKeys> seen{};
  std::atomic<bool> shared = false;
  auto all_seen = [&] {
    for (std::size_t i = 0; i < kKeys; ++i) {
      if (seen[i] != kRounds * 2) return false;
    }
    return true;
  };
  {
    std::vector<std::jthread> workers;
    for (int worker = 0; worker < 4; ++worker) {
      workers.emplace_back([&](std::stop_token stop) {
        while (const auto item = queue.get(stop)) {
          const auto index = static_cast<std::size_t>(std::stoi(item->key.name));
          if (in_hand[index].fetch_add(1) != 0) shared = true;
          seen[index] = added[index].load();
          in_hand[index].fetch_sub(1);
          queue.done(item->key);
        }
      });
    }
    {
      std::vector<std::jthread> producers;
      for (int producer = 0; producer < 2; ++producer) {
        producers.emplace_back([&](std::stop_token) {
          for (int round = 0; round < kRounds; ++round) {
            for (int i = 0; i < kKeys; ++i) {
              ++added[static_cast<std::size_t>(i)];
              queue.add(key(i), {.priority = i % 3, .after = (i % 5) * 10us});
            }
          }
        });
      }
    }
    // The last add of each key is followed by a look at it: nothing is lost.
    while (!all_seen()) std::this_thread::yield();
    queue.shut_down();
  }
  EXPECT_FALSE(shared);
}

}  // namespace
}  // namespace runtime::test
