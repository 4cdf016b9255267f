#include <set>
#include <string_view>

#include "capp/admission/cron.h"
#include "capp/admission/elements.h"
#include "capp/admission/rules.h"
#include "json/parse.h"

namespace capp::admission {
namespace {

std::vector<Element> sources(const Submission& submission) {
  return elements(submission.spec, {"eventSourcesSpec", "sources"});
}

Refusal refusal(const Element& source, std::string_view field, std::string value,
                std::string must) {
  return {.rule = {},
          .field = std::string(source.path).append(".").append(field),
          .value = std::move(value),
          .must = std::move(must)};
}

}  // namespace

Refusals sources_of_one_name(const Submission& submission, const Facts& /*facts*/) {
  std::set<std::string_view> names;
  Refusals refusals;
  for (const auto& source : sources(submission)) {
    const std::string_view name = json::string_at(source.object, {"name"});
    if (names.insert(name).second) continue;
    refusals.push_back(refusal(source, "name", shown(name), "must be unique in the Capp"));
  }
  return refusals;
}

Refusals bad_schedules(const Submission& submission, const Facts& /*facts*/) {
  Refusals refusals;
  for (const auto& source : sources(submission)) {
    const std::string_view schedule =
        json::string_at(source.object, {"pingSourceConfiguration", "schedule"});
    if (schedule.empty()) continue;  // every minute
    if (const auto checked = check_schedule(schedule); !checked) {
      refusals.push_back(refusal(source, "pingSourceConfiguration.schedule", shown(schedule),
                                 "must be a cron schedule: " + checked.error().message));
    }
  }
  return refusals;
}

// Not shown: it may hold a token for whom the event is sent to.
Refusals bad_data(const Submission& submission, const Facts& /*facts*/) {
  Refusals refusals;
  for (const auto& source : sources(submission)) {
    const std::string_view data =
        json::string_at(source.object, {"pingSourceConfiguration", "data"});
    if (data.empty()) continue;
    // Knative decodes it into a map, which takes nothing else. Only the kind of its root is kept:
    // nothing bounds the values in a text.
    const auto parsed = json::parse(data, json::Filter::keep({}));
    if (parsed && (parsed->is_object() || parsed->is_null())) continue;
    refusals.push_back(refusal(source, "pingSourceConfiguration.data", {},
                               "must be valid JSON, and an object like {\"key\": \"value\"}"));
  }
  return refusals;
}

Refusals too_many_consumers(const Submission& submission, const Facts& /*facts*/) {
  if (!submission.config.from_capp_config) return {};
  const std::int64_t limit = submission.config.limits.kafka_consumers;
  Refusals refusals;
  for (const auto& source : sources(submission)) {
    const auto consumers =
        json::int_at(source.object, {"kafkaSourceConfiguration", "consumers"}).value_or(0);
    if (consumers <= limit) continue;
    refusals.push_back(refusal(
        source, "kafkaSourceConfiguration.consumers", std::to_string(consumers),
        "must be less than or equal to global max kafka consumers " + std::to_string(limit)));
  }
  return refusals;
}

}  // namespace capp::admission
