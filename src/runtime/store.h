#pragma once
// All records of one kind that the operator knows: what the reflector read, with the answers to our
// own writes laid over it, so that nobody acts on a state older than its own last write (read your
// writes, R32).
//
// Not here: reading from the server on a miss. A store answers for what is in its selection and for
// nothing else.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/mutex.h"
#include "object/kind.h"
#include "object/record.h"

namespace runtime {

// One object changed: `before` is null when it appeared, `after` when it went.
struct Change {
  object::RecordPtr before;
  object::RecordPtr after;
  // It is part of the state that was there when the kind was first read; not news.
  bool initial = false;
  // Somebody else changed it in a version that a later one of ours had replaced before it came, so
  // that `before` and `after` may not differ where it did.
  bool missed = false;

  [[nodiscard]] const object::Record& record() const { return after ? *after : *before; }
};

// Secondary look-up: the values under which a record is found, usually one or none. Pure; called on
// any thread.
using IndexFunction = std::function<std::string(const object::Record&)>;

// Thread-safe. Records are immutable; reading one costs a reference count.
class Store {
 public:
  // The handler is called without the lock, by whoever caused the change: the io thread for events,
  // a worker at the end of a write. It must not block.
  using Handler = std::function<void(const Change&)>;

  // `index` may be null: then by_index finds nothing. An empty value is not indexed.
  explicit Store(const object::Kind& kind, IndexFunction index = nullptr);

  void set_handler(Handler handler);  // before the first change

  [[nodiscard]] const object::Kind& kind() const { return kind_; }
  [[nodiscard]] object::RecordPtr get(const object::Key& key) const CAPP_EXCLUDES(mutex_);
  [[nodiscard]] std::vector<object::RecordPtr> by_index(std::string_view value) const
      CAPP_EXCLUDES(mutex_);
  // The value under which by_index finds it; empty where it is not indexed.
  [[nodiscard]] std::string index_value(const object::Record& record) const {
    return index_ ? index_(record) : std::string();
  }
  [[nodiscard]] std::vector<object::RecordPtr> all() const CAPP_EXCLUDES(mutex_);
  [[nodiscard]] std::size_t size() const CAPP_EXCLUDES(mutex_);

  // --- The reflector's side (io thread); see Init … Delete in runtime/reflector.h.

  void init(bool rewound) CAPP_EXCLUDES(mutex_);
  void init_apply(object::RecordPtr record) CAPP_EXCLUDES(mutex_);
  void init_done(std::uint64_t resource_version) CAPP_EXCLUDES(mutex_);
  void apply(object::RecordPtr record) CAPP_EXCLUDES(mutex_);
  void remove(const object::RecordPtr& record) CAPP_EXCLUDES(mutex_);
  // The kind is gone from the server, and with it every object of it.
  void clear() CAPP_EXCLUDES(mutex_);

  // --- The writers' side (workers).

  // Around one write of one object. Events of that object that arrive meanwhile change the store
  // but wake nobody: the echo of the write itself never does, and what somebody else changed wakes
  // once the write has ended.
  class [[nodiscard]] Write {
   public:
    Write(Store& store, object::Key key);
    ~Write();
    Write(Write&& other) noexcept;
    Write& operator=(Write&&) = delete;

    // The server answered with the object as it is now.
    void answered(const object::RecordPtr& record);
    // The server answered that the object with this UID is gone.
    void deleted(const std::string& uid);

   private:
    Store* store_;  // null after a move
    object::Key key_;
  };

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const object::Key& key) const { return std::hash<object::Key>{}(key); }
    std::size_t operator()(const object::RecordPtr& record) const { return (*this)(record->key); }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const object::RecordPtr& a, const object::RecordPtr& b) const {
      return a->key == b->key;
    }
    bool operator()(const object::Key& key, const object::RecordPtr& record) const {
      return key == record->key;
    }
    bool operator()(const object::RecordPtr& record, const object::Key& key) const {
      return key == record->key;
    }
  };

  // What is known of the writes of one object beside its record.
  struct Writes {
    std::size_t under_way = 0;
    std::vector<std::uint64_t> answered;  // versions that we made and whose echo has not come
    std::vector<std::uint64_t> arrived;   // versions whose events came while a write was under way
    std::vector<std::string> deleted;     // UIDs that we deleted and whose echo has not come
    std::vector<std::string> gone;        // UIDs whose DELETED came while a write was under way
    bool listed = false;                  // a list had the object while a write was under way
    bool missed = false;                  // see Change, of what came while a write was under way
    object::RecordPtr before;             // the record before the first news

    // Something came while a write was under way that is no echo.
    [[nodiscard]] bool news() const { return !arrived.empty() || !gone.empty() || listed; }
    [[nodiscard]] bool idle() const {
      return under_way == 0 && answered.empty() && deleted.empty();
    }
  };

  [[nodiscard]] object::RecordPtr find(const object::Key& key) const CAPP_REQUIRES(mutex_);
  void put(object::RecordPtr record) CAPP_REQUIRES(mutex_);
  void erase(const object::RecordPtr& record) CAPP_REQUIRES(mutex_);
  // Takes a version that the server sent; false where a newer one, or the object's deletion, is
  // known.
  bool accept(const object::RecordPtr& record) CAPP_REQUIRES(mutex_);
  enum class Told { kByList, kByWatch };
  std::optional<Change> applied(object::RecordPtr record, Told told) CAPP_REQUIRES(mutex_);
  std::optional<Change> removed(const object::RecordPtr& record) CAPP_REQUIRES(mutex_);
  std::optional<Change> end_write(const object::Key& key) CAPP_REQUIRES(mutex_);
  void tell(const std::optional<Change>& change) const;

  const object::Kind& kind_;
  IndexFunction index_;
  Handler handler_;
  mutable base::Mutex mutex_;
  std::unordered_set<object::RecordPtr, Hash, Equal> records_ CAPP_GUARDED_BY(mutex_);
  std::unordered_multimap<std::string, object::RecordPtr> indexed_ CAPP_GUARDED_BY(mutex_);
  std::unordered_map<object::Key, Writes> writes_ CAPP_GUARDED_BY(mutex_);
  // The watch has told everything up to here; the answer to a write at or below it says nothing
  // new.
  std::uint64_t told_ CAPP_GUARDED_BY(mutex_) = 0;
  // Between init and init_done: what was seen of the new state.
  std::unordered_set<object::Key> seen_ CAPP_GUARDED_BY(mutex_);
  bool rewound_ CAPP_GUARDED_BY(mutex_) = false;
  bool whole_ CAPP_GUARDED_BY(mutex_) = false;  // the whole state was read once
};

}  // namespace runtime
