#include "kube/config/file.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

namespace kube {
namespace {

std::unexpected<base::Error> cannot_read(const std::string& path, int error) {
  return base::fail(
      error == ENOENT ? base::Reason::kNotFound : base::Reason::kBadInput,
      fmt::format("cannot read {}: {}", path, std::generic_category().message(error)));
}

}  // namespace

bool file_exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

base::Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return cannot_read(path, errno);
  // One byte more than allowed tells "full" from "too large", also for a pipe, which has no size.
  std::string bytes(max_bytes + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (file.bad()) return cannot_read(path, errno);
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (bytes.size() > max_bytes) {
    return base::fail(base::Reason::kTooLarge,
                      fmt::format("{} is larger than {} bytes", path, max_bytes));
  }
  return bytes;
}

}  // namespace kube
