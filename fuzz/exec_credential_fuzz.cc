// Any output of an exec plugin: no crash; what is accepted carries something and has not expired.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "kube/config/exec_credential.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::WallClock::time_point now{std::chrono::hours(24 * 365 * 50)};
  const auto credential =
      kube::parse_exec_credential({reinterpret_cast<const char*>(data), size}, kube::kExecV1, now);
  if (!credential) return 0;
  if (credential->token.reveal().empty() && credential->certificate == nullptr) std::abort();
  if (credential->expires && *credential->expires <= now) std::abort();
  return 0;
}
