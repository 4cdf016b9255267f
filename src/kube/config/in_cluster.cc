#include "kube/config/in_cluster.h"

#include <string_view>

#include <fmt/format.h>

#include "kube/config/file.h"

namespace kube {
namespace {

constexpr std::string_view kHost = "KUBERNETES_SERVICE_HOST";
constexpr std::string_view kPort = "KUBERNETES_SERVICE_PORT";
constexpr std::size_t kMaxNameBytes = 253;  // of a namespace, generously

std::string trimmed(std::string text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  text.erase(end == std::string::npos ? 0 : end + 1);
  return text;
}

base::Result<net::Url> server_url(const Environment& environment) {
  const std::string_view host = variable(environment, kHost);
  const std::string_view port = variable(environment, kPort);
  const bool ipv6 = host.contains(':') && !host.starts_with('[');
  auto url = net::parse_url(ipv6 ? fmt::format("https://[{}]:{}", host, port)
                                 : fmt::format("https://{}:{}", host, port));
  if (!url) {
    return std::unexpected(
        url.error().wrap(fmt::format("{}={} and {}={} are no address", kHost, host, kPort, port)));
  }
  return url;
}

}  // namespace

bool in_cluster(const std::string& service_account_dir, const Environment& environment) {
  return !variable(environment, kHost).empty() && !variable(environment, kPort).empty() &&
         file_exists(service_account_dir + "/token");
}

base::Result<Config> in_cluster_config(const std::string& service_account_dir,
                                       const Environment& environment) {
  auto server = server_url(environment);
  if (!server) return std::unexpected(server.error());
  Config config;
  config.server = std::move(*server);
  config.origin = "the pod's service account";
  config.credentials = BearerTokenFile{.path = service_account_dir + "/token", .initial = {}};
  const std::string ca = service_account_dir + "/ca.crt";
  if (file_exists(ca)) config.tls.ca.file = ca;
  const auto name = read_file(service_account_dir + "/namespace", kMaxNameBytes);
  if (name && !trimmed(*name).empty()) config.default_namespace = trimmed(*name);
  return config;
}

}  // namespace kube
