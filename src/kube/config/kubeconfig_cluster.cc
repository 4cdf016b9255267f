#include <filesystem>

#include <fmt/format.h>

#include "base/hash.h"
#include "json/value.h"
#include "kube/config/file.h"
#include "kube/config/kubeconfig_entries.h"
#include "net/url.h"

namespace kube {
namespace {

// A bundle of public certificate authorities is 220 kB.
constexpr std::size_t kMaxCaBytes = 1024 * 1024;

// The extension whose content a plugin gets as spec.cluster.config.
constexpr std::string_view kExecExtension = "client.authentication.k8s.io/exec";

base::Result<boost::json::value> exec_extension(const Kubeconfig::Entry& entry) {
  Fields fields(entry.body, entry.place);
  const boost::json::array* extensions = fields.array("extensions");
  if (auto checked = fields.check(); !checked) return std::unexpected(checked.error());
  if (extensions == nullptr) return boost::json::value();
  for (const boost::json::value& extension : *extensions) {
    const boost::json::object* object = extension.if_object();
    if (object == nullptr) continue;
    if (json::string_at(*object, {"name"}) != kExecExtension) continue;
    const boost::json::value* content = object->if_contains("extension");
    if (content != nullptr) return *content;
  }
  return boost::json::value();
}

base::Result<std::string> ca_bytes(const Pem& ca, const Place& place) {
  if (ca.file.empty()) return ca.data.reveal();
  auto bytes = read_file(ca.file, kMaxCaBytes);
  if (!bytes) return place.below("certificate-authority").refuse(bytes.error().message);
  return bytes;
}

std::string url_text(const net::Url& url) {
  return fmt::format("{}://{}{}", url.scheme, net::authority(url.host, url.port), url.path);
}

}  // namespace

std::string resolved_path(const Place& place, const std::string& path) {
  if (path.empty()) return path;
  return (std::filesystem::path(place.file).parent_path() / path).lexically_normal().string();
}

Pem read_pem(Fields& fields, std::string_view field) {
  return {.data = fields.base64(fmt::format("{}-data", field)),
          .file = resolved_path(fields.place(), fields.string(field))};
}

base::Result<ClusterEntry> read_cluster(const Kubeconfig::Entry& entry) {
  Fields fields(entry.body, entry.place);
  const std::string server = fields.string("server");
  ClusterEntry cluster{.server = {},
                       .ca = read_pem(fields, "certificate-authority"),
                       .server_name = fields.string("tls-server-name"),
                       .insecure_skip_verify = fields.boolean("insecure-skip-tls-verify"),
                       .proxy_url = fields.secret("proxy-url")};
  if (auto checked = fields.check(); !checked) return std::unexpected(checked.error());
  if (server.empty()) return fields.refuse("server", "must be set");
  auto url = net::parse_url(server);
  // The text is not repeated: a URL may hold a password.
  if (!url || !url->userinfo.empty()) {
    return fields.refuse("server", "must be a URL such as https://10.0.0.1:6443");
  }
  cluster.server = std::move(*url);
  if (!cluster.ca.data.reveal().empty() && !cluster.ca.file.empty()) {
    return fields.refuse("certificate-authority",
                         "and certificate-authority-data exclude each other");
  }
  if (cluster.insecure_skip_verify && !cluster.ca.empty()) {
    return fields.refuse("insecure-skip-tls-verify",
                         "and a certificate authority exclude each other");
  }
  return cluster;
}

base::Result<boost::json::value> exec_cluster_info(const Kubeconfig::Entry& entry,
                                                   const ClusterEntry& cluster) {
  const auto ca = ca_bytes(cluster.ca, entry.place);
  if (!ca) return std::unexpected(ca.error());
  auto extension = exec_extension(entry);
  if (!extension) return std::unexpected(std::move(extension.error()));
  boost::json::object info{{"server", url_text(cluster.server)}};
  if (!cluster.server_name.empty()) info["tls-server-name"] = cluster.server_name;
  if (cluster.insecure_skip_verify) info["insecure-skip-tls-verify"] = true;
  if (!ca->empty()) info["certificate-authority-data"] = base::base64_encode(*ca);
  if (!cluster.proxy_url.reveal().empty()) info["proxy-url"] = cluster.proxy_url.reveal();
  if (!extension->is_null()) info["config"] = std::move(*extension);
  return info;
}

}  // namespace kube
