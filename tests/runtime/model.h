#pragma once
// What the tests of the step machines share: fixed randomness, records, a model of the store, and
// effects as text.

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "object/record.h"
#include "runtime/reflector.h"

namespace runtime::test {

// A monotonic time that is nothing special.
inline constexpr base::Clock::time_point kStart{std::chrono::hours(1)};

class FixedRandom final : public base::RandomSource {
 public:
  explicit FixedRandom(double value = 0.0) : value_(value) {}
  double uniform() override { return value_; }

 private:
  double value_;
};

inline object::RecordPtr record(const std::string& name, std::uint64_t version,
                                const std::string& uid = {}) {
  auto made = std::make_shared<object::Record>();
  made->key = {.ns = "ns", .name = name};
  made->uid = uid.empty() ? name : uid;
  made->resource_version = version;
  return made;
}

inline base::Error error(base::Reason reason) {
  return {.reason = reason, .message = "for the test"};
}

// A store reduced to what the reflector's effects mean: the newest version of each key, and which
// state is under way.
class ModelStore {
 public:
  void take(const Effect& effect);
  // "name@version", sorted.
  [[nodiscard]] std::set<std::string> content() const;
  [[nodiscard]] bool synced() const { return synced_; }

 private:
  void apply(const object::RecordPtr& record);
  void finish();

  std::map<object::Key, object::RecordPtr> records_;
  std::set<object::Key> seen_;
  bool initialising_ = false;
  bool rewound_ = false;
  bool synced_ = false;
};

// "watch 12 for 300s", "apply a@13", "timer +800ms" (from `now`), "report rewatch closed" …
std::string describe(const Effect& effect, base::Clock::time_point now);

}  // namespace runtime::test
