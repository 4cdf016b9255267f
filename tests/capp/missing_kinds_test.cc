// A cluster without some of the other projects (behaviour 2, "Rules for writing" 8): every subset
// of the kinds of children.

#include <algorithm>

#include <gtest/gtest.h>

#include "capp/children/table.h"
#include "tests/capp/passes.h"

namespace capp {
namespace {

// One that asks for a child of every kind; of records, for the one of its API.
ObjectBuilder a_capp_with_everything() {
  return a_capp("web")
      .with_hostname("shop")
      .with_tls()
      .with_spec("logSpec", R"({"type": "elastic"})")
      .with_spec("volumesSpec", R"({"nfsVolumes": [{"name": "data", "server": "nfs",
                                    "path": "/", "capacity": {"storage": "1Gi"}}]})")
      .with_spec("eventSourcesSpec", R"({"sources": [
          {"name": "hourly", "pingSourceConfiguration": {}},
          {"name": "orders", "kafkaSourceConfiguration":
              {"bootstrapServers": ["k:1"], "topics": ["t"]}}]})");
}

using Kinds = std::vector<const object::Kind*>;

// Bit i: the kind of row i of the table of children is missing.
Kinds missing_kinds(unsigned subset) {
  Kinds missing;
  for (std::size_t i = 0; i < children().size(); ++i) {
    if ((subset >> i & 1U) != 0) missing.push_back(&children()[i]->kind());
  }
  return missing;
}

bool contains(const Kinds& kinds, const object::Kind& kind) {
  return std::ranges::any_of(kinds, [&](const auto* one) { return *one == kind; });
}

// The kinds that the Capp asks for in a cluster that lacks `missing`.
Kinds asked_kinds(const Kinds& missing) {
  const bool g1 = contains(missing, kCnameRecord) && !contains(missing, kClusterCnameRecord);
  Kinds asked;
  for (const Child* child : children()) {
    if (child->kind() == (g1 ? kCnameRecord : kClusterCnameRecord)) continue;
    asked.push_back(&child->kind());
  }
  return asked;
}

std::string message_of(const boost::json::object& status, std::string_view type) {
  for (const auto& condition : status.at("conditions").as_array()) {
    if (json::string_at(condition, {"type"}) == type) {
      return std::string(json::string_at(condition, {"message"}));
    }
  }
  return {};
}

std::string_view concern_of(const object::Kind& kind) {
  const auto* const child =
      *std::ranges::find_if(children(), [&](const Child* one) { return one->kind() == kind; });
  return child->concern().condition;
}

TEST(MissingKinds, EverySubsetLeavesTheOthersToBeWrittenAndIsNamedInBothConditions) {
  const auto capp = a_capp_with_everything();
  for (unsigned subset = 0; subset < 1U << children().size(); ++subset) {
    const Kinds missing = missing_kinds(subset);
    auto builder = a_world(capp).with_dns();
    for (const auto* kind : missing) builder.without_kind(*kind);
    const World& world = builder;

    Kinds written;
    Kinds named;
    for (const auto* kind : asked_kinds(missing)) {
      (contains(missing, *kind) ? named : written).push_back(kind);
    }
    const Plan planned = plan(world);
    Kinds planned_kinds;
    for (const auto& wanted : planned.wanted) planned_kinds.push_back(wanted.object.kind);
    ASSERT_TRUE(std::ranges::equal(
        planned_kinds, written, {}, [](const auto* kind) { return *kind; },
        [](const auto* kind) { return *kind; }))
        << testing::PrintToString(lines(planned));

    const auto status = report(world, planned, results_of(planned, {})).status;
    for (const auto* kind : named) {
      const auto definition = kind->resource();
      ASSERT_THAT(message_of(status, "Ready"), testing::HasSubstr(definition));
      ASSERT_THAT(message_of(status, concern_of(*kind)), testing::HasSubstr(definition));
      ASSERT_THAT(conditions(status),
                  testing::Contains(testing::StartsWith(std::string(concern_of(*kind)) +
                                                        "=False DependencyMissing: ")));
    }
    const auto* const reason =
        named.empty() ? "Ready=False LoggingNotReady" : "Ready=False ResourceSyncFailed";
    ASSERT_THAT(conditions(status).front(), testing::StartsWith(reason));
  }
}

}  // namespace
}  // namespace capp
