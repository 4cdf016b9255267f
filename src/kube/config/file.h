#pragma once
// Reading the small files that a configuration points to.

#include <cstddef>
#include <string>

#include "base/error.h"

namespace kube {

// False also for what cannot be looked at.
bool file_exists(const std::string& path);

// The whole file. kNotFound when it does not exist, kTooLarge above `max_bytes`, kBadInput when it
// cannot be read; the message names the path.
base::Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

}  // namespace kube
