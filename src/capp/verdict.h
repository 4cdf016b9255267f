#pragma once
// What is known about one object that a Capp asks for, or about one attempt to change it: the
// material of which conditions and status are made.

#include <string>
#include <vector>

#include "capp/concern.h"

namespace capp {

// A later one is worse.
enum class Verdict {
  kReady,
  kNotReady,
  kApexHostname,      // a record cannot stand where the hostname is
  kTerminating,       // it is being deleted, and created again when it is gone
  kDnsConfigInvalid,  // the configuration does not say what the hostname means
  kMissing,           // the cluster does not serve its kind
  kSyncFailed,        // it could not be written
};

struct Finding {
  const Concern* concern = nullptr;  // null for the history: no condition of its own tells of it
  Verdict verdict = Verdict::kReady;
  std::string message{};
};
using Findings = std::vector<Finding>;

}  // namespace capp
