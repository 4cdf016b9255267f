#pragma once
// What a pass must ask the API server for, since no store has it: Secrets and pods are never
// watched (design 3.3). Pure; how often is asked is the operator's affair.

#include <cstdint>
#include <optional>
#include <string>

#include "capp/world.h"
#include "object/key.h"

namespace capp {

// Whether the TLS Secret exists, for World::Answers::tls_secret_exists.
struct TlsSecretLookup {
  object::Key secret;
  // Of its Certificate; 0 where that is not there. A change of it may be the issue of the Secret.
  std::uint64_t certificate_version = 0;
};

// The pods of a Revision that is not ready, for Answers::pods.
struct PodsLookup {
  std::string ns;
  std::string revision;
  std::uint64_t revision_version = 0;
  // The Revision says that it failed; else it may just be starting.
  bool failed = false;
};

struct Lookups {
  std::optional<TlsSecretLookup> tls_secret;
  std::optional<PodsLookup> pods;
};

[[nodiscard]] Lookups lookups(const World& world);

}  // namespace capp
