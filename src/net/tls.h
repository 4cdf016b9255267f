#pragma once
// What a person configures of TLS. Versions below 1.2 are never spoken.

#include <string>

namespace net {

struct TlsOptions {
  // PEM certificates that are trusted; empty: the system's store. On a server: who may sign client
  // certificates, and then one is demanded; empty: none is asked for.
  std::string ca_pem{};
  // Own certificate, leaf first, and its key. Optional for a client. The key is never logged.
  std::string certificate_pem{};
  std::string private_key_pem{};
  // Name sent as SNI and looked for in the server's certificate; empty: the host that is connected
  // to.
  std::string server_name{};
  // Accept any certificate. Only for people who ask for it in their kubeconfig.
  bool insecure_skip_verify = false;
};

}  // namespace net
