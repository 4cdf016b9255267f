#pragma once
// The table of what admission accepts and refuses (tests/apiserver/data/admission.yaml), and asking
// the API server one case of it. A case is tried each way that a cluster may be guarded: by the
// CRD's schema alone, with the webhooks, with the policies of config/policy.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "tests/support/cluster.h"

namespace test {

// The ways, as the column `refused` of the table names them.
inline constexpr std::string_view kBySchema = "schema";
inline constexpr std::string_view kByWebhook = "webhook";
inline constexpr std::string_view kByPolicy = "policy";

struct AdmissionCase {
  std::string rule;  // the key of docs/reference/admission.md
  std::string name;  // of the case, unique in the rule
  // Spec of the CappConfig in force; nothing: there is none.
  std::optional<boost::json::object> config;
  // Objects that are in the namespace before.
  std::vector<boost::json::object> around;
  // The Capp before an update, whole; nothing: a creation.
  std::optional<boost::json::object> before;
  // The Capp asked for, whole. It has the name `case-<number>`, unless the case gives one.
  boost::json::object capp;
  // What the refusal contains, by way. A way that is absent accepts.
  std::map<std::string, std::string, std::less<>> refused;

  // "hostname-pattern: not in any pattern".
  [[nodiscard]] std::string title() const { return rule + ": " + name; }
};

// All cases, in the order of the file. Throws where the file is not as described there.
std::vector<AdmissionCase> admission_table();

// Stores the Capps that the cases update. To be called where nothing is enforced but the schema:
// they may break the rule of the case.
void store_before(Cluster& cluster, const std::vector<AdmissionCase>& cases);

// Asks (in a dry run) for the Capp of the case in the cluster's namespace. Succeeds if it is
// accepted, or refused in the words that the table has for the `way`.
testing::AssertionResult answered(Cluster& cluster, const AdmissionCase& asked,
                                  std::string_view way);

}  // namespace test
