#pragma once
// What the API server said of a token or of a right, remembered for a while.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/clock.h"

namespace runtime {

// Verdicts by key, each until its time. A key is a hash: what it stands for may be a secret.
// Bounded: where there is no room, the verdict that ends first goes. Not thread-safe.
template <class Verdict>
class ReviewCache {
 public:
  explicit ReviewCache(std::size_t capacity) : capacity_(capacity) {}

  [[nodiscard]] std::optional<Verdict> find(const std::string& key,
                                            base::Clock::time_point now) const {
    const auto found = entries_.find(key);
    if (found == entries_.end() || found->second.until <= now) return std::nullopt;
    return found->second.verdict;
  }

  // Also where its time has passed.
  [[nodiscard]] bool contains(const std::string& key) const { return entries_.contains(key); }

  void remember(const std::string& key, Verdict verdict, base::Clock::time_point until) {
    if (!entries_.contains(key) && entries_.size() >= capacity_) {
      entries_.erase(std::ranges::min_element(
          entries_, {}, [](const auto& entry) { return entry.second.until; }));
    }
    entries_.insert_or_assign(key, Entry{.verdict = std::move(verdict), .until = until});
  }

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Verdict verdict;
    base::Clock::time_point until;
  };

  std::size_t capacity_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace runtime
