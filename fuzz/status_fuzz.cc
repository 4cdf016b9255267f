// kube::read_status: any answer becomes an error with words, the code of the answer, and a
// Retry-After within its bounds. The first line of the input is the header Retry-After, the rest
// the body.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "kube/status.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const int code = 400 + data[0];
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto header = input.substr(0, input.find('\n'));
  const auto body = input.substr(std::min(header.size() + 1, input.size()));

  const auto error =
      kube::read_status(net::Response{.status = code,
                                      .headers = {{"Retry-After", std::string(header)}},
                                      .body = std::string(body)});
  if (error.message.empty() || error.http_code != code) std::abort();
  if (error.retry_after && (*error.retry_after < std::chrono::seconds(0) ||
                            *error.retry_after > std::chrono::minutes(5))) {
    std::abort();
  }
  return 0;
}
