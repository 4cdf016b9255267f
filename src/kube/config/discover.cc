#include "kube/config/discover.h"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "kube/config/file.h"
#include "kube/config/in_cluster.h"
#include "kube/config/kubeconfig.h"

namespace kube {
namespace {

// As $PATH; empty entries are skipped.
std::vector<std::string> split_list(std::string_view list) {
  std::vector<std::string> entries;
  while (!list.empty()) {
    const std::size_t colon = list.find(':');
    if (colon != 0) entries.emplace_back(list.substr(0, colon));
    list.remove_prefix(colon == std::string_view::npos ? list.size() : colon + 1);
  }
  return entries;
}

base::Result<Config> from_files(const std::vector<std::string>& files, std::string_view context) {
  Kubeconfig merged;
  for (const std::string& file : files) {
    auto next = load_kubeconfig(file);
    if (!next) return std::unexpected(std::move(next.error()));
    merged.merge(std::move(*next));
  }
  return merged.resolve(context);
}

// As kubectl: files of the list that do not exist are skipped, but one must exist.
base::Result<Config> from_variable(std::string_view list, std::string_view context) {
  std::vector<std::string> files = split_list(list);
  std::erase_if(files, [](const std::string& file) { return !file_exists(file); });
  if (files.empty()) {
    return base::fail(
        base::Reason::kBadInput,
        fmt::format("no file of $KUBECONFIG exists: {}; correct the variable or unset it", list));
  }
  return from_files(files, context);
}

std::unexpected<base::Error> nothing_found(const ConfigOptions& options, std::string_view home) {
  return base::fail(
      base::Reason::kBadInput,
      fmt::format(
          "no cluster is configured: --kubeconfig is not given, $KUBECONFIG is not set, this "
          "is no pod with a service account (KUBERNETES_SERVICE_HOST, "
          "KUBERNETES_SERVICE_PORT and {}/token), and {}",
          options.service_account_dir,
          home.empty() ? "$HOME is not set" : fmt::format("{}/.kube/config does not exist", home)));
}

}  // namespace

base::Result<Config> discover_config(const ConfigOptions& options, const Environment& environment) {
  if (!options.kubeconfig.empty()) return from_files({options.kubeconfig}, options.context);
  if (const auto list = variable(environment, "KUBECONFIG"); !list.empty()) {
    return from_variable(list, options.context);
  }
  if (options.context.empty() && in_cluster(options.service_account_dir, environment)) {
    return in_cluster_config(options.service_account_dir, environment);
  }
  const std::string_view home = variable(environment, "HOME");
  const std::string file = fmt::format("{}/.kube/config", home);
  if (home.empty() || !file_exists(file)) return nothing_found(options, home);
  return from_files({file}, options.context);
}

}  // namespace kube
