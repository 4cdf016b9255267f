#include "net/loop.h"

#include <future>
#include <vector>

#include <gmock/gmock.h>

namespace net {
namespace {

using ::testing::ElementsAre;
using namespace std::chrono_literals;

// Runs fn on the io thread and waits for it.
void on(Loop& loop, std::function<void()> fn) {
  std::promise<void> done;
  ASSERT_TRUE(loop.post([&] {
    fn();
    done.set_value();
  }));
  ASSERT_EQ(done.get_future().wait_for(10s), std::future_status::ready);
}

TEST(Loop, RunsPostedFunctionsInOrderOnItsThread) {
  Loop loop;
  std::vector<int> order;
  bool inside = false;
  loop.post([&] { order.push_back(1); });
  loop.post([&] { order.push_back(2); });
  on(loop, [&] { inside = loop.in_loop_thread(); });
  EXPECT_THAT(order, ElementsAre(1, 2));
  EXPECT_TRUE(inside);
  EXPECT_FALSE(loop.in_loop_thread());
}

TEST(Loop, RunsTimersInTheOrderOfTheirTime) {
  Loop loop;
  std::vector<int> order;
  std::promise<void> done;
  const auto now = base::Clock::now();
  const Timer late = loop.schedule(now + 20ms, [&] {
    order.push_back(2);
    done.set_value();
  });
  const Timer early = loop.schedule(now + 1ms, [&] { order.push_back(1); });
  ASSERT_EQ(done.get_future().wait_for(10s), std::future_status::ready);
  EXPECT_THAT(order, ElementsAre(1, 2));
  EXPECT_GE(base::Clock::now(), now + 20ms);
}

TEST(Loop, DoesNotRunACancelledTimer) {
  Loop loop;
  bool ran = false;
  std::promise<void> later;
  on(loop, [&] {
    const auto now = base::Clock::now();
    Timer cancelled = loop.schedule(now, [&] { ran = true; });
    cancelled.cancel();
    cancelled.cancel();
    {
      const Timer destroyed = loop.schedule(now, [&] { ran = true; });
    }
    Timer replaced = loop.schedule(now, [&] { ran = true; });
    replaced = Timer();
  });
  Timer from_outside = loop.schedule(base::Clock::now() + 1h, [&] { ran = true; });
  from_outside.cancel();
  const Timer check = loop.schedule(base::Clock::now() + 5ms, [&] { later.set_value(); });
  ASSERT_EQ(later.get_future().wait_for(10s), std::future_status::ready);
  EXPECT_FALSE(ran);
}

TEST(Loop, ATimerMayBeDestroyedByItsOwnFunction) {
  Loop loop;
  std::promise<void> done;
  auto timer = std::make_unique<Timer>();
  on(loop, [&] {
    *timer = loop.schedule(base::Clock::now(), [&] {
      timer.reset();
      done.set_value();
    });
  });
  ASSERT_EQ(done.get_future().wait_for(10s), std::future_status::ready);
}

TEST(Loop, AcceptsNothingAfterItWasStopped) {
  Loop loop;
  bool ran = false;
  loop.post([&] { ran = true; });
  loop.stop();
  loop.stop();
  EXPECT_TRUE(ran) << "what was posted before is still run";
  EXPECT_FALSE(loop.post([] {}));
  Timer timer = loop.schedule(base::Clock::now(), [] {});
  timer.cancel();
}

}  // namespace
}  // namespace net
