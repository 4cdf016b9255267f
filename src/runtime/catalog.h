#pragma once
// The kinds that the operator knows, each with its store and the way its objects become records.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kube/request.h"
#include "object/kind.h"
#include "object/record.h"
#include "runtime/store.h"

namespace runtime {

struct WatchedKind {
  WatchedKind(const object::Kind& of, object::Projection how, kube::Selection which,
              IndexFunction index)
      : kind(of),
        projection(std::move(how)),
        selection(std::move(which)),
        store(of, std::move(index)) {}

  const object::Kind& kind;
  object::Projection projection;
  kube::Selection selection;
  Store store;
  // Records for which this is false are not stored; empty admits all. Called on the io thread.
  std::function<bool(const object::Record&)> admit;
  // Read only once this one is synced; `admit` may look into its store. Null: at once.
  const WatchedKind* after = nullptr;
};

// Filled before anything starts, then only read. One entry for each kind and selection; the applier
// writes to the first entry of a kind.
class Catalog {
 public:
  WatchedKind& add(const object::Kind& kind, object::Projection projection,
                   kube::Selection selection = {}, IndexFunction index = nullptr) {
    kinds_.push_back(std::make_unique<WatchedKind>(kind, std::move(projection),
                                                   std::move(selection), std::move(index)));
    return *kinds_.back();
  }

  // Null where the kind is not known.
  [[nodiscard]] WatchedKind* find(const object::Kind& kind) const {
    for (const auto& watched : kinds_) {
      if (watched->kind == kind) return watched.get();
    }
    return nullptr;
  }
  [[nodiscard]] const std::vector<std::unique_ptr<WatchedKind>>& kinds() const { return kinds_; }
  [[nodiscard]] object::OwnedSetPool& pool() { return pool_; }

 private:
  std::vector<std::unique_ptr<WatchedKind>> kinds_;
  object::OwnedSetPool pool_;
};

}  // namespace runtime
