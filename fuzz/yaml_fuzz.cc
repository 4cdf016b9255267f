// Any bytes: no crash, no limit passed, and a value that JSON can say.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "yaml/convert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto documents = yaml::parse_all({reinterpret_cast<const char*>(data), size});
  if (!documents) return 0;
  for (const boost::json::value& document : *documents) {
    boost::system::error_code error;
    // Twice the depth of yaml::Limits, so that only what is no JSON at all is refused.
    boost::json::parse(boost::json::serialize(document), error, {}, {.max_depth = 128});
    if (error) std::abort();
  }
  return 0;
}
