#include "runtime/probes.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace runtime {
namespace {

net::Response text(int status, std::string body) {
  return {.status = status,
          .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
          .body = std::move(body)};
}

struct Target {
  std::string_view path;
  bool verbose = false;
  std::vector<std::string_view> excluded;
};

Target parse(std::string_view target) {
  Target parsed{.path = target.substr(0, target.find('?')), .excluded = {}};
  std::string_view query = target.substr(std::min(parsed.path.size() + 1, target.size()));
  while (!query.empty()) {
    const std::string_view parameter = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(parameter.size() + 1, query.size()));
    if (parameter == "verbose" || parameter.starts_with("verbose=")) parsed.verbose = true;
    if (parameter.starts_with("exclude=")) parsed.excluded.push_back(parameter.substr(8));
  }
  return parsed;
}

}  // namespace

void Probes::add(std::string path, std::string name, Check check) {
  checks_[std::move(path)][std::move(name)] = std::move(check);
}

net::Response Probes::handle(const net::Request& request) const {
  const Target target = parse(request.target);
  for (const auto& [path, checks] : checks_) {
    if (!target.path.starts_with(path)) continue;
    std::string_view only = target.path.substr(path.size());
    if (!only.empty() && only.front() != '/') continue;
    if (!only.empty()) only.remove_prefix(1);
    if (!only.empty() && !checks.contains(std::string(only))) break;

    std::string report;
    bool failed = false;
    for (const auto& [name, check] : checks) {
      if (!only.empty() && name != only) continue;
      if (std::ranges::find(target.excluded, name) != target.excluded.end()) {
        report += "[+]" + name + " excluded: ok\n";
        continue;
      }
      const auto result = check();
      failed = failed || !result;
      report += result ? "[+]" + name + " ok\n"
                       : "[-]" + name + " failed: " + result.error().describe() + "\n";
    }
    if (failed) return text(500, report + path.substr(1) + " check failed\n");
    return text(200, target.verbose ? report + path.substr(1) + " check passed\n" : "ok");
  }
  return text(404, "404 page not found\n");
}

}  // namespace runtime
