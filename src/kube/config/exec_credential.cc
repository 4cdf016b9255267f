#include "kube/config/exec_credential.h"

#include <utility>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "json/parse.h"
#include "json/value.h"
#include "kube/config/bearer.h"
#include "kube/config/timestamp.h"
#include "net/pem.h"

namespace kube {
namespace {

std::unexpected<base::Error> refuse(std::string rule) {
  return base::fail(base::Reason::kBadInput, std::move(rule));
}

base::Result<std::shared_ptr<const ClientCertificate>> read_certificate(
    const boost::json::object& status) {
  const std::string_view certificate = json::string_at(status, {"clientCertificateData"});
  const std::string_view key = json::string_at(status, {"clientKeyData"});
  if (certificate.empty() && key.empty()) return nullptr;
  if (auto checked = net::check_key_pair(certificate, key); !checked) {
    return std::unexpected(checked.error().wrap(
        "status.clientCertificateData and status.clientKeyData are no certificate with its key"));
  }
  return std::make_shared<const ClientCertificate>(std::string(certificate),
                                                   base::Redacted(std::string(key)));
}

base::Result<std::optional<base::WallClock::time_point>> read_expiry(
    const boost::json::object& status, base::WallClock::time_point now) {
  const std::string_view text = json::string_at(status, {"expirationTimestamp"});
  if (text.empty()) return std::nullopt;
  const auto expires = parse_rfc3339(text);
  if (!expires) return refuse("status.expirationTimestamp must be a time as 2026-01-31T12:00:00Z");
  if (*expires <= now) {
    return refuse(
        fmt::format("the credential expired at {}; log in again", base::rfc3339(*expires)));
  }
  return expires;
}

base::Result<ExecCredential> read_status(const boost::json::object& status,
                                         base::WallClock::time_point now) {
  const std::string_view token = json::string_at(status, {"token"});
  if (!token.empty() && !is_bearer_token(token)) {
    return refuse("status.token must not contain white space or control characters");
  }
  auto certificate = read_certificate(status);
  if (!certificate) return std::unexpected(std::move(certificate.error()));
  if (token.empty() && *certificate == nullptr) {
    return refuse("status holds neither a token nor a client certificate");
  }
  const auto expires = read_expiry(status, now);
  if (!expires) return std::unexpected(expires.error());
  return ExecCredential{.token = base::Redacted(std::string(token)),
                        .certificate = std::move(*certificate),
                        .expires = *expires};
}

}  // namespace

std::string exec_info(const ExecPlugin& plugin) {
  boost::json::object spec{{"interactive", false}};
  if (plugin.provide_cluster_info) spec["cluster"] = plugin.cluster;
  return boost::json::serialize(boost::json::object{
      {"kind", "ExecCredential"}, {"apiVersion", plugin.api_version}, {"spec", std::move(spec)}});
}

base::Result<ExecCredential> parse_exec_credential(std::string_view output,
                                                   std::string_view api_version,
                                                   base::WallClock::time_point now) {
  const auto document = json::parse(output);
  if (!document || !document->is_object()) return refuse("the output is no JSON object");
  const boost::json::object& root = document->get_object();
  if (json::string_at(root, {"kind"}) != "ExecCredential") {
    return refuse("the output is not of kind ExecCredential");
  }
  if (json::string_at(root, {"apiVersion"}) != api_version) {
    return refuse(
        fmt::format("the output is not of apiVersion {}, which the kubeconfig names", api_version));
  }
  const boost::json::object* status = json::object_at(root, {"status"});
  if (status == nullptr) return refuse("the output has no status");
  return read_status(*status, now);
}

}  // namespace kube
