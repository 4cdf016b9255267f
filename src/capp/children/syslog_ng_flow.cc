#include "capp/children/syslog_ng_flow.h"

#include "capp/body.h"
#include "capp/children/syslog_ng_health.h"
#include "capp/names.h"

namespace capp {

std::vector<Asked> SyslogNgFlow::wanted(const World& world) const {
  const Capp& capp = world.capp;
  if (!capp.spec.log) return {};
  // As syslog-ng names the label of a pod: the parts of the JSON path are joined with '#'.
  static const std::string label =
      std::string("json#kubernetes#labels#").append(kKnativeConfigurationLabel);
  auto body = child_body(capp, kSyslogNgFlow, capp.key.name);
  body["spec"] = {
      {"match", {{"regexp", {{"pattern", capp.key.name}, {"type", "string"}, {"value", label}}}}},
      {"localOutputRefs", boost::json::array{capp.key.name}}};
  return one({.kind = &kSyslogNgFlow, .key = capp.key, .body = std::move(body)});
}

Health SyslogNgFlow::health(const World& /*world*/, const object::Record& live) const {
  return syslog_ng_health(live, kSyslogNgFlow.kind);
}

boost::json::object SyslogNgFlow::status(const World& /*world*/, const Live& live) const {
  return status_at({"loggingStatus", "syslogngflow"}, live.of(kSyslogNgFlow));
}

}  // namespace capp
