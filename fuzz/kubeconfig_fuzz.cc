// Any kubeconfig: no crash; an error names the file; a configuration that comes out has a server.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "kube/config/kubeconfig.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto parsed = kube::Kubeconfig::parse(text, "/config");
  if (!parsed) return 0;
  parsed->merge(*kube::Kubeconfig::parse(text, "/second"));
  const auto config = parsed->resolve();
  if (config && config->server.host.empty()) std::abort();
  if (!config && !config.error().message.starts_with("/")) std::abort();
  return 0;
}
