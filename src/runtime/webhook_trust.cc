#include "runtime/webhook_trust.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/hash.h"
#include "json/value.h"
#include "net/self_signed.h"
#include "net/url.h"

namespace runtime {
namespace {

// The certificate's name of the host that is called; empty where there is none.
std::string host_of(std::string_view url) {
  const auto parsed = net::parse_url(url);
  return parsed ? net::certificate_name(parsed->host) : "";
}

void add_names(const boost::json::object& client_config, std::vector<std::string>& names) {
  const auto service = json::string_at(client_config, {"service", "name"});
  if (!service.empty()) {
    const auto ns = json::string_at(client_config, {"service", "namespace"});
    for (auto& name : service_names(ns, service)) names.push_back(std::move(name));
  } else if (auto host = host_of(json::string_at(client_config, {"url"})); !host.empty()) {
    names.push_back(std::move(host));
  }
}

}  // namespace

std::vector<std::string> service_names(std::string_view ns, std::string_view service) {
  // The first is what the API server looks for; the second is for those who call it by hand.
  const std::string name = fmt::format("{}.{}.svc", service, ns);
  return {name, name + ".cluster.local"};
}

std::vector<std::string> called_names(const boost::json::object& configuration) {
  std::vector<std::string> names;
  const auto* webhooks = json::array_at(configuration, {"webhooks"});
  if (webhooks == nullptr) return names;
  for (const auto& webhook : *webhooks) {
    if (!webhook.is_object()) continue;
    add_names(json::object_or_empty(webhook.as_object(), {"clientConfig"}), names);
  }
  return names;
}

std::string trust_patch(const boost::json::object& configuration, std::string_view bundle_pem) {
  const auto* webhooks = json::array_at(configuration, {"webhooks"});
  if (webhooks == nullptr) return {};
  const std::string bundle = base::base64_encode(bundle_pem);
  boost::json::array patch;
  for (std::size_t i = 0; i < webhooks->size(); ++i) {
    const auto& webhook = (*webhooks)[i];
    if (json::string_at(webhook, {"clientConfig", "caBundle"}) == bundle) continue;
    const std::string path = fmt::format("/webhooks/{}", i);
    patch.push_back(
        {{"op", "test"}, {"path", path + "/name"}, {"value", json::string_at(webhook, {"name"})}});
    patch.push_back({{"op", "add"}, {"path", path + "/clientConfig/caBundle"}, {"value", bundle}});
  }
  return patch.empty() ? "" : boost::json::serialize(patch);
}

}  // namespace runtime
