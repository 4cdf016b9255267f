#pragma once
// What is to be done about a wanted object that is there already (design 3.1-3.3). Pure: no
// request, no lock, no clock.

#include <string>
#include <string_view>

#include "base/error.h"
#include "object/record.h"
#include "object/wanted.h"

namespace runtime {

struct Decision {
  enum class What {
    kLeave,          // it is as wanted, or another apply would not bring it nearer
    kApply,          //
    kForeign,        // it is somebody else's: not touched
    kAwaitDeletion,  // it is terminating: what is applied now would go with it
  };
  What what = What::kLeave;
  // With kApply: a path that somebody took from us since our last apply, ".spec.replicas"; empty
  // where nobody did. The same path time and again may be a fight, also with somebody who writes
  // the object whole and drops our hash.
  std::string taken{};
  // With kApply: it is ours, but we have never applied it; an older operator may have made it.
  bool never_applied = false;

  friend bool operator==(const Decision&, const Decision&) = default;
};

// `wanted` carries its hash annotation, and `hash` is that hash. `settled`: an apply of it has left
// exactly what `live` owns now (WriteMemory::settled).
[[nodiscard]] Decision decide(const object::Wanted& wanted, std::string_view hash,
                              const object::Record& live, const object::Ownership& ownership,
                              bool settled);

// What a person is told of an object that is kForeign: whose it is, as far as it says so.
[[nodiscard]] base::Error foreign_error(const object::Wanted& wanted, const object::Record& live,
                                        const object::Ownership& ownership);

// "services.serving.knative.dev web/capp": how an object is named in messages.
[[nodiscard]] std::string name_of(const object::Kind& kind, const object::Key& key);

}  // namespace runtime
