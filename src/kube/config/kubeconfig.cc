#include "kube/config/kubeconfig.h"

#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "kube/config/file.h"
#include "kube/config/kubeconfig_entries.h"
#include "yaml/convert.h"

namespace kube {
namespace {

using Entry = Kubeconfig::Entry;
using Entries = Kubeconfig::Entries;

// Files with every certificate of a company inline are some hundred kilobytes.
constexpr std::size_t kMaxBytes = yaml::Limits{}.max_bytes;

// An element `{name: …, <kind>: {…}}` of `list`, added to `entries`.
base::Result<void> add_entry(const boost::json::value& element, const Place& place,
                             std::string_view list, std::string_view kind, Entries& entries) {
  if (!element.is_object()) return place.refuse("must be a mapping");
  Fields fields(element.get_object(), place);
  const std::string name = fields.string("name");
  const boost::json::object* body = fields.object(kind);
  if (auto checked = fields.check(); !checked) return checked;
  if (name.empty()) return fields.refuse("name", "must be set");
  Entry entry{.body = body == nullptr ? boost::json::object() : *body,
              .place = {place.file, fmt::format("{}[\"{}\"].{}", list, name, kind)}};
  if (!entries.emplace(name, std::move(entry)).second) {
    return fields.refuse("name", fmt::format("duplicate name \"{}\"", name));
  }
  return {};
}

base::Result<Entries> read_entries(Fields& root, std::string_view list, std::string_view kind) {
  Entries entries;
  const boost::json::array* elements = root.array(list);
  if (elements == nullptr) return entries;
  const Place place = root.place().below(list);
  for (std::size_t i = 0; i < elements->size(); ++i) {
    auto added = add_entry((*elements)[i], place.item(i), list, kind, entries);
    if (!added) return std::unexpected(std::move(added.error()));
  }
  return entries;
}

base::Result<void> check_type(Fields& root) {
  const std::string api_version = root.string("apiVersion");
  const std::string kind = root.string("kind");
  if (auto checked = root.check(); !checked) return checked;
  if (!api_version.empty() && api_version != "v1") {
    return root.refuse("apiVersion", fmt::format("\"{}\"; a kubeconfig has \"v1\"", api_version));
  }
  if (!kind.empty() && kind != "Config") {
    return root.refuse("kind", fmt::format("\"{}\"; a kubeconfig has \"Config\"", kind));
  }
  return {};
}

std::string names_of(const Entries& entries) {
  std::vector<std::string_view> names;
  for (const auto& [name, entry] : entries) names.push_back(name);
  return names.empty() ? "there is none" : fmt::format("there are: {}", fmt::join(names, ", "));
}

// The entry that field `key` of a context names.
base::Result<const Entry*> referenced(Fields& context, std::string_view key,
                                      const Entries& entries) {
  const std::string name = context.string(key);
  if (auto checked = context.check(); !checked) return std::unexpected(checked.error());
  if (name.empty()) return context.refuse(key, "must be set");
  const auto found = entries.find(name);
  if (found != entries.end()) return &found->second;
  return context.refuse(key,
                        fmt::format("no {} is named \"{}\"; {}", key, name, names_of(entries)));
}

}  // namespace

base::Result<Kubeconfig> Kubeconfig::parse(std::string_view text, std::string_view file) {
  std::error_code ignored;  // without a working directory a relative path stays one
  Kubeconfig result;
  result.file_ = std::filesystem::absolute(file, ignored).lexically_normal().string();
  const Place place{.file = result.file_, .path = {}};
  const auto document = yaml::parse(text, {.max_bytes = kMaxBytes});
  if (!document) return place.refuse(document.error().message);
  if (document->is_null()) return result;
  if (!document->is_object()) return place.refuse("a kubeconfig must be a mapping");
  Fields root(document->get_object(), place);
  if (auto checked = check_type(root); !checked) return std::unexpected(checked.error());
  result.current_context_ = root.string("current-context");
  for (const auto& [list, kind, entries] : {std::tuple("clusters", "cluster", &result.clusters_),
                                            std::tuple("users", "user", &result.users_),
                                            std::tuple("contexts", "context", &result.contexts_)}) {
    auto read = read_entries(root, list, kind);
    if (!read) return std::unexpected(std::move(read.error()));
    *entries = std::move(*read);
  }
  if (auto checked = root.check(); !checked) return std::unexpected(checked.error());
  return result;
}

void Kubeconfig::merge(Kubeconfig next) {
  if (file_.empty()) file_ = std::move(next.file_);
  if (current_context_.empty()) current_context_ = std::move(next.current_context_);
  clusters_.merge(next.clusters_);
  users_.merge(next.users_);
  contexts_.merge(next.contexts_);
}

base::Result<std::string> Kubeconfig::chosen_context(std::string_view context) const {
  std::string name(context.empty() ? std::string_view(current_context_) : context);
  const Place place{.file = file_, .path = {}};
  if (name.empty()) {
    return place.refuse(fmt::format(
        "current-context is not set; name one with --context or `kubectl config use-context` ({})",
        names_of(contexts_)));
  }
  if (!contexts_.contains(name)) {
    return place.refuse(fmt::format("no context is named \"{}\"; {}", name, names_of(contexts_)));
  }
  return name;
}

base::Result<Config> Kubeconfig::resolve(std::string_view context) const {
  const auto name = chosen_context(context);
  if (!name) return std::unexpected(name.error());
  const Entry& chosen = contexts_.find(*name)->second;
  Fields fields(chosen.body, chosen.place);
  const auto cluster_entry = referenced(fields, "cluster", clusters_);
  if (!cluster_entry) return std::unexpected(cluster_entry.error());
  const auto user_entry = referenced(fields, "user", users_);
  if (!user_entry) return std::unexpected(user_entry.error());
  const std::string default_namespace = fields.string("namespace");
  if (auto checked = fields.check(); !checked) return std::unexpected(checked.error());

  auto cluster = read_cluster(**cluster_entry);
  if (!cluster) return std::unexpected(std::move(cluster.error()));
  auto user = read_user(**user_entry);
  if (!user) return std::unexpected(std::move(user.error()));
  auto* plugin = std::get_if<ExecPlugin>(&user->credentials);
  if (plugin != nullptr && plugin->provide_cluster_info) {
    auto info = exec_cluster_info(**cluster_entry, *cluster);
    if (!info) return std::unexpected(std::move(info.error()));
    plugin->cluster = std::move(*info);
  }
  return Config{.server = std::move(cluster->server),
                .tls = {.ca = std::move(cluster->ca),
                        .certificate = std::move(user->certificate),
                        .key = std::move(user->key),
                        .server_name = std::move(cluster->server_name),
                        .insecure_skip_verify = cluster->insecure_skip_verify},
                .proxy_url = std::move(cluster->proxy_url),
                .credentials = std::move(user->credentials),
                .impersonation = std::move(user->impersonation),
                .default_namespace = default_namespace.empty() ? "default" : default_namespace,
                .origin = fmt::format("context \"{}\" of {}", *name, chosen.place.file)};
}

base::Result<Kubeconfig> load_kubeconfig(const std::string& file) {
  const auto text = read_file(file, kMaxBytes);
  if (!text) return base::fail(base::Reason::kBadInput, text.error().message);
  return Kubeconfig::parse(*text, file);
}

}  // namespace kube
