// Random histories of a server, its faults and a reflector: whatever happened, once the faults end
// the store equals the server, and no state was asked for twice without a reported cause.

#include <algorithm>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/runtime/model_server.h"

namespace runtime::test {
namespace {

using Tape = std::vector<std::tuple<std::uint8_t, std::uint8_t>>;

std::string name(std::uint8_t choice) {
  return std::string(1, static_cast<char>('a' + choice % 6));
}

// What a server and its network may do; `restore` is the rare one.
enum class World { kWithFaults, kWithRestores };

// A restored server that has counted past the reflector's version before the reflector looks cannot
// be told from one that went on (docs/reflector.md, "What it cannot see"), so nobody writes in that
// time.
bool may_write(const ModelServer& server, const ModelDriver& driver) {
  return server.version() >= std::max(driver.newest(), driver.state().resource_version);
}

void happen(ModelServer& server, ModelDriver& driver, World world, std::uint8_t what,
            std::uint8_t choice) {
  switch (what % 16) {
    case 0:
    case 1:
    case 2:
      if (may_write(server, driver)) server.put(name(choice));
      return;
    case 3:
      if (may_write(server, driver)) server.remove(name(choice));
      return;
    case 4:
      return driver.fail(choice);
    case 5:
      return driver.wait();
    case 6:
      return driver.bookmark();
    case 7:
      return choice % 4 == 0 ? server.compact() : driver.cut();
    case 8:
      if (world == World::kWithFaults || choice % 2 == 0) return server.take_backup();
      server.restore();
      return driver.cut();
    default:
      return driver.proceed();
  }
}

void settle(ModelDriver& driver) {
  for (int i = 0; i < 1000 && !driver.at_rest(); ++i) driver.proceed();
  RC_ASSERT(driver.at_rest());
}

void run(ReflectorOptions options, World world, const Tape& tape) {
  options.page_limit = 2;
  ModelServer server;
  server.put("a");
  ModelDriver driver(server, options);
  for (const auto& [what, choice] : tape) happen(server, driver, world, what, choice);
  settle(driver);
  RC_ASSERT(driver.store().content() == server.content());
  RC_ASSERT(driver.store().synced());
  RC_ASSERT(driver.syncs() <= 1 + driver.relist_reports());
}

RC_GTEST_PROP(ReflectorProperty, StoreEqualsServerByStreams, (const Tape& tape)) {
  run({}, World::kWithFaults, tape);
}

RC_GTEST_PROP(ReflectorProperty, StoreEqualsServerByLists, (const Tape& tape)) {
  run({.watch_list = false}, World::kWithFaults, tape);
}

RC_GTEST_PROP(ReflectorProperty, StoreEqualsServerThatIsRestored,
              (const Tape& tape, bool watch_list)) {
  run({.watch_list = watch_list}, World::kWithRestores, tape);
}

RC_GTEST_PROP(ReflectorProperty, CutConnectionsNeverCauseARelist,
              (const std::vector<std::uint8_t>& tape)) {
  ModelServer server;
  ModelDriver driver(server, {});
  settle(driver);
  for (const auto what : tape) {
    switch (what % 4) {
      case 0:
        server.put(name(what));
        break;
      case 1:
        driver.cut();
        break;
      case 2:
        driver.bookmark();
        break;
      default:
        driver.proceed();
    }
  }
  settle(driver);
  RC_ASSERT(driver.store().content() == server.content());
  RC_ASSERT(driver.syncs() == 1);
}

}  // namespace
}  // namespace runtime::test
