#pragma once
// client.authentication.k8s.io: what an exec plugin is told, and what it prints.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/redacted.h"
#include "kube/config/config.h"
#include "kube/config/credentials.h"

namespace kube {

inline constexpr std::string_view kExecV1 = "client.authentication.k8s.io/v1";
inline constexpr std::string_view kExecV1Beta1 = "client.authentication.k8s.io/v1beta1";

struct ExecCredential {
  base::Redacted<std::string> token;  // empty: the certificate alone
  std::shared_ptr<const ClientCertificate> certificate;
  std::optional<base::WallClock::time_point> expires;  // none: until the server says 401
};

// The value of KUBERNETES_EXEC_INFO: an ExecCredential without status.
std::string exec_info(const ExecPlugin& plugin);

// The ExecCredential in `output`. kBadInput when it is none of `api_version`, carries nothing, or
// has expired at `now`; the message never repeats the output, which is a secret.
base::Result<ExecCredential> parse_exec_credential(std::string_view output,
                                                   std::string_view api_version,
                                                   base::WallClock::time_point now);

}  // namespace kube
