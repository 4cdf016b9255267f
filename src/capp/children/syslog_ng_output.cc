#include "capp/children/syslog_ng_output.h"

#include "capp/body.h"
#include "capp/children/syslog_ng_health.h"
#include "json/value.h"
#include "object/condition.h"

namespace capp {
namespace {

// The key in the user's Secret. API.
constexpr std::string_view kPasswordKey = "elastic";

boost::json::object connection(const Log& log) {
  boost::json::object connection{{"url", log.host},
                                 {"user", log.user},
                                 {"tls", {{"peer_verify", false}, {"ssl_version", "tlsv1_2"}}}};
  if (!log.password_secret.empty()) {
    connection["password"] = {
        {"valueFrom", {{"secretKeyRef", {{"name", log.password_secret}, {"key", kPasswordKey}}}}}};
  }
  return connection;
}

boost::json::object elasticsearch(const Log& log) {
  auto output = connection(log);
  output["index"] = log.index;
  output["template"] = "$(format-json --subkeys json# --key-delimiter #)";
  return {{"elasticsearch", std::move(output)}};
}

boost::json::object elasticsearch_datastream(const Log& log) {
  auto output = connection(log);
  output["record"] =
      "--subkeys json# --key-delimiter # --exclude DATE --key ISODATE @timestamp=${ISODATE}";
  return {{"elasticsearch-datastream", std::move(output)}};
}

bool is_ready(std::span<const object::RecordPtr> records, const object::Kind& kind) {
  return !records.empty() && syslog_ng_health(*records.front(), kind.kind).ready;
}

boost::json::array logging_conditions(const World& world, bool ready) {
  const auto* before = json::array_at(world.capp.status, {"loggingStatus", "conditions"});
  return object::merge_conditions(
      {{.type = "LoggingIsReady",
        .status = ready ? object::ConditionStatus::kTrue : object::ConditionStatus::kFalse,
        .reason = ready ? "ready" : "LoggingResourceInvalid",
        .message = {}}},
      before != nullptr ? *before : boost::json::array{}, world.now, world.capp.generation);
}

}  // namespace

std::vector<Asked> SyslogNgOutput::wanted(const World& world) const {
  const Capp& capp = world.capp;
  const auto& log = capp.spec.log;
  if (!log) return {};
  auto body = child_body(capp, kSyslogNgOutput, capp.key.name);
  // What is not given is left to the output's own defaults.
  body["spec"] = json::significant(log->type == LogType::kElastic ? elasticsearch(*log)
                                                                  : elasticsearch_datastream(*log));
  return one({.kind = &kSyslogNgOutput, .key = capp.key, .body = std::move(body)});
}

Health SyslogNgOutput::health(const World& /*world*/, const object::Record& live) const {
  return syslog_ng_health(live, kSyslogNgOutput.kind);
}

boost::json::object SyslogNgOutput::status(const World& world, const Live& live) const {
  if (!world.capp.spec.log) return {};
  const bool ready = is_ready(live.of(kSyslogNgFlow), kSyslogNgFlow) &&
                     is_ready(live.of(kSyslogNgOutput), kSyslogNgOutput);
  auto status = status_at({"loggingStatus", "syslogngoutput"}, live.of(kSyslogNgOutput));
  auto& logging = status["loggingStatus"];
  if (!logging.is_object()) logging.emplace_object();
  logging.get_object()["conditions"] = logging_conditions(world, ready);
  return status;
}

}  // namespace capp
