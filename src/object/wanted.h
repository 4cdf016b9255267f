#pragma once
// What the domain wants of an object, and what the runtime did about it. Values; no I/O.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/json/object.hpp>

#include "base/error.h"
#include "object/key.h"
#include "object/kind.h"
#include "object/record.h"

namespace object {

// An object as it must be: the exact body of a server-side apply, without the hash annotation (the
// applier adds it).
struct Wanted {
  const Kind* kind = nullptr;
  Key key;
  boost::json::object body;
};

// An object that must not be there any more. Deleted only while it still has this UID.
struct Unwanted {
  const Kind* kind = nullptr;
  Key key;
  std::string uid;
};

// An object that is written once and never changed: a POST.
struct Create {
  const Kind* kind = nullptr;
  Key key;
  boost::json::object body;
};

// The whole new list of an object's finalizers. Refused by the server where the object is not at
// this version.
struct SetFinalizers {
  const Kind* kind = nullptr;
  Key key;
  std::uint64_t resource_version = 0;
  std::vector<std::string> finalizers;
};

// The whole new status of an object; nothing of the old one stays.
struct SetStatus {
  const Kind* kind = nullptr;
  Key key;
  std::string uid;
  boost::json::object status;
  // Equal for statuses that differ only in the times they show: a failed write of the same content
  // backs off.
  std::string content;
};

// An object that must not be there any more, whoever made it, of a kind that nobody watches: a
// DELETE by name. That it is absent is known only from the answer, so ask for it once, not in each
// pass.
struct RemoveByName {
  const Kind* kind = nullptr;
  Key key;
};

using Write = std::variant<Wanted, Unwanted, Create, SetFinalizers, SetStatus, RemoveByName>;

// What became of one Write in one pass.
struct Outcome {
  enum class What {
    kUnchanged,  // it was as wanted: nothing was sent
    kCreated,
    kUpdated,
    kDeleted,
    kWaiting,  // nothing was sent: an earlier failure is backing off, or the object is terminating;
               // `error` says why
    kFailed,   // `error` says why
  };
  What what = What::kUnchanged;
  RecordPtr record;  // as the API server has it now; null where it has none or that is unknown
  std::optional<base::Error> error;  // with kWaiting and kFailed
  // When the same write may be tried again, relative to the end of the pass; empty where only a
  // change can help.
  std::optional<std::chrono::milliseconds> retry_after;
};

// How an object that is there already is known to be ours (behaviour, "Rules for writing" 4).
struct Ownership {
  OwnerReference controller;  // an owner reference with this UID makes an object ours
  Labels identity;            // all of these labels make an object ours
  // A cluster-scoped object needs these as well: it has no owner reference to a namespaced owner,
  // and owners of one name in two namespaces must not share it (behaviour, "Rules for writing" 5).
  Labels cluster_identity{};
  // metadata.generation of the owner: what failed is tried again at once when it moves.
  std::int64_t generation = 0;
};

enum class Ours { kYes, kAdoptable, kNo };

// Decides whether `live` may be written on behalf of `ownership`. An object with another controller
// never may, nor one that somebody else's labels identify, unless its owner reference or hash is
// ours.
Ours is_ours(const Record& live, const Ownership& ownership, std::string_view wanted_hash);

// The identity labels of `live` where they name another owner than `ownership`; empty where it has
// none of them or those that it has are ours.
Labels foreign_identity(const Record& live, const Ownership& ownership);

// "1-" and 128 bits of SHA-256 over the canonical JSON of `body`, in hex. Changing the form
// rewrites every child of every cluster: that needs an ADR.
std::string applied_hash(const boost::json::object& body);

}  // namespace object
