#pragma once
// The table of what admission accepts and refuses (tests/apiserver/data/admission.yaml), and asking
// the API server one case of it. A case is tried each way in which a cluster can be guarded: by the
// schema alone, with the webhooks, with the policies of config/policy.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "tests/support/cluster.h"

namespace test {

// The ways, as the column `refused` names them.
inline constexpr std::string_view kBySchema = "schema";
inline constexpr std::string_view kByWebhook = "webhook";
inline constexpr std::string_view kByPolicy = "policy";

struct AdmissionCase {
  std::string rule;  // the key of docs/reference/admission.md
  std::string name;  // of the case, unique in the rule
  // Spec of the CappConfig in force; nothing: there is none.
  std::optional<boost::json::object> config{};
  // Objects that are there before; those with `metadata.namespace: other` in another namespace.
  std::vector<boost::json::object> around{};
  // The Capp that is updated, whole; nothing: the Capp is created.
  std::optional<boost::json::object> before{};
  // The Capp asked for, whole. Its name is that of no other case.
  boost::json::object capp;
  // What the refusal contains, by way; a way that is absent accepts. The schema comes first each
  // way: what it says is here for all of them.
  std::map<std::string, std::string, std::less<>> refused{};

  // "hostname-pattern: matches none".
  [[nodiscard]] std::string title() const { return rule + ": " + name; }
};

// All cases, in the order of the file. Throws where the file is not as it says in its head.
std::vector<AdmissionCase> admission_table();

// Asks, in a dry run, for a new Capp in the cluster's namespace.
base::Result<Api::Object> ask_for(Cluster& cluster, const boost::json::object& capp);
// What it is refused with; empty where it is accepted.
std::string refusal_of(Cluster& cluster, const boost::json::object& capp);

// Stores the Capps that the cases update in the cluster's namespace. To be called where nothing but
// the schema is enforced: they may break the very rule.
void store_before(Cluster& cluster, const std::vector<AdmissionCase>& cases);

// Asks for the Capp of the case, in a dry run. Succeeds if it is accepted, or refused in the words
// that the table has for the `way`.
testing::AssertionResult answered(Cluster& cluster, const AdmissionCase& asked,
                                  std::string_view way);

}  // namespace test
