#include "tests/support/audit_log.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "json/parse.h"
#include "json/value.h"

namespace test {
namespace {

// "2026-11-23T04:58:07.123456Z": always with six decimals.
base::WallClock::time_point read_time(std::string_view text) {
  std::tm parts{};
  std::istringstream stream{std::string(text)};
  char point = 0;
  std::int64_t micros = 0;
  stream >> std::get_time(&parts, "%Y-%m-%dT%H:%M:%S") >> point >> micros;
  if (!stream) throw std::runtime_error("no audit time: " + std::string(text));
  return base::WallClock::from_time_t(::timegm(&parts)) + std::chrono::microseconds(micros);
}

AuditRequest read_request(std::string_view line) {
  const auto parsed = json::parse(line);
  if (!parsed) throw std::runtime_error("audit log: " + parsed.error().describe());
  const auto& event = parsed->as_object();
  const auto text = [&](json::Path path) { return std::string(json::string_at(event, path)); };
  const bool impersonated = event.contains("impersonatedUser");
  const auto* replica = json::array_at(event, {"impersonatedUser", "extra", "replica"});
  const auto* lease = text({"objectRef", "resource"}) == "leases"
                          ? json::object_at(event, {"requestObject"})
                          : nullptr;
  return {
      .user = text({impersonated ? "impersonatedUser" : "user", "username"}),
      .replica = replica != nullptr ? std::string(replica->at(0).as_string()) : "",
      .verb = text({"verb"}),
      .group = text({"objectRef", "apiGroup"}),
      .resource = text({"objectRef", "resource"}),
      .subresource = text({"objectRef", "subresource"}),
      .ns = text({"objectRef", "namespace"}),
      .name = text({"objectRef", "name"}),
      .uri = text({"requestURI"}),
      .code = static_cast<int>(json::int_at(event, {"responseStatus", "code"}).value_or(0)),
      .lease = lease != nullptr ? std::optional(runtime::read_lease_spec(*lease)) : std::nullopt,
      .received = read_time(text({"requestReceivedTimestamp"})),
      .completed = read_time(text({"stageTimestamp"}))};
}

bool one_of(std::string_view verb, std::initializer_list<std::string_view> verbs) {
  return std::ranges::find(verbs, verb) != verbs.end();
}

}  // namespace

bool AuditRequest::is_write() const {
  return one_of(verb, {"create", "update", "patch", "delete", "deletecollection"}) &&
         resource != "leases";
}

bool AuditRequest::is_read() const {
  return one_of(verb, {"get", "list"}) && resource != "leases";
}

bool AuditRequest::is_relist() const {
  return verb == "list" || uri.contains("sendInitialEvents=true");
}

std::string AuditRequest::describe() const {
  if (resource.empty()) return fmt::format("{} {}: {}", verb, uri, code);
  return fmt::format("{} {}{}{}{}{} {}/{}: {}", verb, resource, group.empty() ? "" : ".", group,
                     subresource.empty() ? "" : "/", subresource, ns, name, code);
}

Requests Requests::only(const AuditFilter& filter) const {
  Requests some;
  std::ranges::copy_if(*this, std::back_inserter(some), filter);
  return some;
}

Requests Requests::in(std::string_view ns) const {
  return only([&](const AuditRequest& request) { return request.ns == ns; });
}

Requests Requests::named(std::string_view name) const {
  return only([&](const AuditRequest& request) { return request.name == name; });
}

Requests Requests::of(std::string_view verb, std::string_view resource) const {
  return only([&](const AuditRequest& request) {
    const std::string of = request.subresource.empty()
                               ? request.resource
                               : request.resource + "/" + request.subresource;
    return request.verb == verb && of == resource;
  });
}

Requests Requests::writes() const {
  return only(&AuditRequest::is_write);
}

Requests Requests::reads() const {
  return only(&AuditRequest::is_read);
}

std::string Requests::describe() const {
  std::string lines;
  for (const auto& request : *this) lines += request.describe() + "\n";
  return lines.empty() ? "no requests" : lines;
}

AuditLog::AuditLog(std::string path) : path_(std::move(path)) {
  restart();
}

void AuditLog::restart() {
  since_ = base::WallClock::now();
  std::ifstream file(path_, std::ios::binary | std::ios::ate);
  begin_ = file ? static_cast<std::size_t>(file.tellg()) : 0;
}

Requests AuditLog::of_operator() const {
  return all().only([](const AuditRequest& request) { return request.user == kOperatorUser; });
}

Requests AuditLog::all() const {
  return read({});
}

Requests AuditLog::not_allowed() const {
  // As the authorizer's annotation has it.
  return read(R"("authorization.k8s.io/decision":"forbid")").only([](const AuditRequest& request) {
    return request.user == kOperatorUser;
  });
}

// The lines with these words.
Requests AuditLog::read(std::string_view words) const {
  std::ifstream file(path_, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(begin_));
  Requests requests;
  for (std::string line; std::getline(file, line) && !file.eof();) {
    if (!line.contains(words)) continue;
    auto request = read_request(line);
    if (request.verb == "watch" || request.received >= since_)
      requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace test
