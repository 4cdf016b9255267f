#include "operator/cluster_domain.h"

#include <sstream>

#include "kube/config/file.h"

namespace op {
namespace {

constexpr const char* kResolvConf = "/etc/resolv.conf";
constexpr std::size_t kMaxBytes = 64 * 1024;
constexpr std::string_view kServices = "svc.";

}  // namespace

std::string cluster_domain_of(std::string_view resolv_conf) {
  std::istringstream lines{std::string(resolv_conf)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    if (!(words >> word) || word != "search") continue;
    while (words >> word) {
      if (!word.starts_with(kServices)) continue;
      word.erase(0, kServices.size());
      if (word.ends_with('.')) word.pop_back();
      return word;
    }
  }
  return std::string(kDefaultClusterDomain);
}

std::string cluster_domain() {
  const auto content = kube::read_file(kResolvConf, kMaxBytes);
  return cluster_domain_of(content ? *content : std::string());
}

}  // namespace op
