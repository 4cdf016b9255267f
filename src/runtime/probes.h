#pragma once
// /healthz and /readyz (R51).

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "net/http.h"

namespace runtime {

// One named check; the error says what is wrong. Called on a server thread at each probe; quick,
// and thread-safe.
using Check = std::function<base::Result<void>()>;

// Answers probes as Kubernetes components do: "/healthz" runs every check, "/healthz/<name>" one,
// "?verbose" lists them,
// "?exclude=<name>" leaves one out; 200 and "ok", or 500 and what failed. Complete before it
// serves.
class Probes {
 public:
  // `path` is "/healthz" or "/readyz".
  void add(std::string path, std::string name, Check check);

  [[nodiscard]] net::Response handle(const net::Request& request) const;

 private:
  std::map<std::string, std::map<std::string, Check>> checks_;
};

}  // namespace runtime
