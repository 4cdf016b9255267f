#pragma once
// Everything that a decision about one Capp depends on, read once. A value.

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>

#include "capp/capp.h"
#include "capp/config.h"
#include "object/kind.h"
#include "object/record.h"
#include "object/wanted.h"

namespace capp {

using Records = std::vector<object::RecordPtr>;

// Which API of the DNS provider records are written in (--dns-api).
enum class DnsApi {
  kAuto,  // the one that is installed, the namespaced one if both are
  kG1,    // cluster-scoped: record.dns.crossplane.io
  kG2,    // namespaced: record.dns-v2.m.crossplane.io
};

// What was asked of the API server for this pass, since no store has it: see lookups.h. A question
// that was not asked, or not answered, has its default.
struct Answers {
  bool tls_secret_exists = false;
  std::string tls_secret_problem{};  // why that is not known; empty where it is
  boost::json::array pods{};  // of the Revision that fails: name, deletionTimestamp and status
};

struct World {
  Capp capp;
  Config config;
  // Of the configuration, what is not in force (behaviour 3).
  std::vector<ConfigProblem> config_problems{};
  DnsApi dns_api = DnsApi::kAuto;
  std::string console_host{};  // of OpenShift's console; empty elsewhere
  std::string now;             // RFC 3339; only for timestamps that a status shows
  // Kinds that the cluster does not serve.
  std::vector<const object::Kind*> absent{};
  // Kinds that it serves and whose objects are not read: not yet, or the operator must not. There
  // may be some.
  std::vector<const object::Kind*> unread{};
  // The objects of this Capp that a store has, in any order: children by their labels or owner,
  // Knative Revisions and CappRevisions by theirs. They need not be ours: see is_ours.
  std::vector<std::pair<const object::Kind*, Records>> observed{};
  Answers answers{};

  [[nodiscard]] std::span<const object::RecordPtr> all(const object::Kind& kind) const;
  // Null where it is not observed.
  [[nodiscard]] object::RecordPtr find(const object::Kind& kind, std::string_view name) const;
  [[nodiscard]] bool is_absent(const object::Kind& kind) const;
  [[nodiscard]] bool is_unread(const object::Kind& kind) const;
  // Either. Nothing of such a kind is written.
  [[nodiscard]] bool lacks(const object::Kind& kind) const {
    return is_absent(kind) || is_unread(kind);
  }
};

// How children of this Capp are told from other objects.
[[nodiscard]] object::Ownership child_ownership(const Capp& capp);
// By its owner or its labels.
[[nodiscard]] bool is_ours(const World& world, const object::Record& record);
// The child of that name, where it is observed and ours.
[[nodiscard]] object::RecordPtr find_ours(const World& world, const object::Kind& kind,
                                          std::string_view name);
// How its CappRevisions are: older ones have neither our labels nor an owner.
[[nodiscard]] object::Ownership revision_ownership(const Capp& capp);

}  // namespace capp
