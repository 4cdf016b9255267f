#pragma once
// How to reach one API server, and as whom: what a kubeconfig context or a pod's service account
// comes down to. A plain value; nothing in it has been connected to or, but for the kubeconfig
// itself, read.

#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/value.hpp>

#include "base/redacted.h"
#include "net/url.h"

namespace kube {

// PEM bytes that stand in the configuration itself, or the absolute path of a file that holds them
// and may be replaced while we run. At most one of the two is set.
struct Pem {
  base::Redacted<std::string> data;
  std::string file;

  [[nodiscard]] bool empty() const { return data.reveal().empty() && file.empty(); }
};

struct TlsConfig {
  Pem ca;  // empty: the system's store
  Pem certificate;
  Pem key;
  std::string server_name;  // empty: the server's host
  bool insecure_skip_verify = false;
};

struct Anonymous {};

struct BearerToken {
  base::Redacted<std::string> token;
};

struct BearerTokenFile {
  std::string path;
  base::Redacted<std::string> initial;  // used until the file has been read; may be empty
};

struct BasicAuth {
  std::string username;
  base::Redacted<std::string> password;
};

// client.authentication.k8s.io: a program that prints credentials.
struct ExecPlugin {
  std::string command;  // absolute, or a name that is looked up in $PATH
  std::vector<std::string> args;
  std::vector<std::pair<std::string, base::Redacted<std::string>>> env;  // added to the process's
  std::string api_version;  // "client.authentication.k8s.io/v1" or ".../v1beta1"
  std::string install_hint;
  bool provide_cluster_info = false;
  boost::json::value cluster;  // spec.cluster of KUBERNETES_EXEC_INFO, where it is provided
};

using CredentialsSource =
    std::variant<Anonymous, BearerToken, BearerTokenFile, BasicAuth, ExecPlugin>;

// Sent as the Impersonate-* headers; nothing is sent while `user` is empty.
struct Impersonation {
  std::string user;
  std::string uid;
  std::vector<std::string> groups;
  std::map<std::string, std::vector<std::string>> extra;
};

struct Config {
  net::Url server;
  TlsConfig tls;
  base::Redacted<std::string> proxy_url;  // may hold a password; empty: HTTPS_PROXY decides
  CredentialsSource credentials;
  Impersonation impersonation;
  std::string default_namespace = "default";  // of the context, or of the pod
  std::string origin;                         // for messages: "context \"dev\" of /home/…/config"
};

}  // namespace kube
