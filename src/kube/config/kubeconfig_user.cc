#include <fmt/format.h>
#include <fmt/ranges.h>

#include "kube/config/bearer.h"
#include "kube/config/exec_credential.h"
#include "kube/config/kubeconfig_entries.h"

namespace kube {
namespace {

// A list of `{name: …, value: …}`.
base::Result<decltype(ExecPlugin::env)> read_env(Fields& exec) {
  decltype(ExecPlugin::env) env;
  const boost::json::array* items = exec.array("env");
  if (items == nullptr) return env;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const Place place = exec.place().below("env").item(i);
    const boost::json::object* item = (*items)[i].if_object();
    if (item == nullptr) return place.refuse("must be a mapping with name and value");
    Fields fields(*item, place);
    const std::string name = fields.string("name");
    auto value = fields.secret("value");
    if (auto checked = fields.check(); !checked) return std::unexpected(checked.error());
    if (name.empty() || name.contains('='))
      return fields.refuse("name", "must be a variable's name");
    env.emplace_back(name, std::move(value));
  }
  return env;
}

base::Result<void> check_exec(const Fields& fields, const ExecPlugin& plugin,
                              std::string_view interactive_mode) {
  if (plugin.command.empty()) return fields.refuse("command", "must be set");
  if (plugin.api_version != kExecV1 && plugin.api_version != kExecV1Beta1) {
    return fields.refuse("apiVersion", fmt::format("\"{}\"; must be {} or {}", plugin.api_version,
                                                   kExecV1, kExecV1Beta1));
  }
  if (interactive_mode == "Always") {
    return fields.refuse("interactiveMode", "\"Always\": this program has no terminal to offer");
  }
  if (interactive_mode.empty() && plugin.api_version == kExecV1) {
    return fields.refuse("interactiveMode", "must be set: Never or IfAvailable");
  }
  if (!interactive_mode.empty() && interactive_mode != "Never" &&
      interactive_mode != "IfAvailable") {
    return fields.refuse("interactiveMode",
                         fmt::format("\"{}\"; must be Never or IfAvailable", interactive_mode));
  }
  return {};
}

base::Result<ExecPlugin> read_exec(const boost::json::object& exec, Place place) {
  Fields fields(exec, std::move(place));
  ExecPlugin plugin{.command = fields.string("command"),
                    .args = fields.strings("args"),
                    .env = {},
                    .api_version = fields.string("apiVersion"),
                    .install_hint = fields.string("installHint"),
                    .provide_cluster_info = fields.boolean("provideClusterInfo"),
                    .cluster = nullptr};
  const std::string interactive_mode = fields.string("interactiveMode");
  auto env = read_env(fields);
  if (!env) return std::unexpected(std::move(env.error()));
  plugin.env = std::move(*env);
  if (auto checked = fields.check(); !checked) return std::unexpected(checked.error());
  if (auto checked = check_exec(fields, plugin, interactive_mode); !checked) {
    return std::unexpected(checked.error());
  }
  // A bare name is looked up in $PATH; anything else is a path, relative to the file.
  if (plugin.command.contains('/')) plugin.command = resolved_path(fields.place(), plugin.command);
  return plugin;
}

base::Result<std::map<std::string, std::vector<std::string>>> read_extra(Fields& user) {
  std::map<std::string, std::vector<std::string>> extra;
  const boost::json::object* object = user.object("as-user-extra");
  if (object == nullptr) return extra;
  Fields fields(*object, user.place().below("as-user-extra"));
  for (const auto& [key, values] : *object) extra.emplace(key, fields.strings(key));
  if (auto checked = fields.check(); !checked) return std::unexpected(checked.error());
  return extra;
}

base::Result<Impersonation> read_impersonation(Fields& user) {
  Impersonation as{.user = user.string("as"),
                   .uid = user.string("as-uid"),
                   .groups = user.strings("as-groups"),
                   .extra = {}};
  auto extra = read_extra(user);
  if (!extra) return std::unexpected(std::move(extra.error()));
  as.extra = std::move(*extra);
  if (as.user.empty() && !(as.uid.empty() && as.groups.empty() && as.extra.empty())) {
    return user.refuse("as", "must be set when as-uid, as-groups or as-user-extra is");
  }
  return as;
}

base::Result<void> check_certificate(const Fields& fields, const UserEntry& user) {
  for (const auto& [field, pem] :
       {std::pair("client-certificate", &user.certificate), std::pair("client-key", &user.key)}) {
    if (!pem->data.reveal().empty() && !pem->file.empty()) {
      return fields.refuse(field, fmt::format("and {}-data exclude each other", field));
    }
  }
  if (user.certificate.empty() && !user.key.empty()) {
    return fields.refuse("client-certificate", "must be set when client-key is");
  }
  if (user.key.empty() && !user.certificate.empty()) {
    return fields.refuse("client-key", "must be set when client-certificate is");
  }
  return {};
}

// How the requests of a user are authorised, of which kubectl allows one.
struct Methods {
  base::Redacted<std::string> token;
  std::string token_file;
  std::string username;
  base::Redacted<std::string> password;
  const boost::json::object* exec = nullptr;

  [[nodiscard]] bool has_token() const { return !token.reveal().empty() || !token_file.empty(); }
  [[nodiscard]] bool has_basic() const { return !username.empty() || !password.reveal().empty(); }
};

base::Result<void> check_methods(const Fields& fields, const Methods& methods) {
  std::vector<std::string_view> found;
  if (methods.has_token()) found.emplace_back("a token");
  if (methods.has_basic()) found.emplace_back("username and password");
  if (methods.exec != nullptr) found.emplace_back("exec");
  if (found.size() > 1) {
    return fields.place().refuse(
        fmt::format("{} exclude each other; keep one", fmt::join(found, " and ")));
  }
  if (!methods.token.reveal().empty() && !is_bearer_token(methods.token.reveal())) {
    return fields.refuse("token", "must not contain white space or control characters");
  }
  if (methods.username.contains(':')) return fields.refuse("username", "must not contain ':'");
  return {};
}

base::Result<CredentialsSource> read_credentials(Fields& fields) {
  if (fields.object("auth-provider") != nullptr) {
    return fields.refuse(
        "auth-provider",
        "is not supported; use an exec plugin, which current tools of your provider "
        "write when they create the kubeconfig anew");
  }
  const Methods methods{.token = fields.secret("token"),
                        .token_file = resolved_path(fields.place(), fields.string("tokenFile")),
                        .username = fields.string("username"),
                        .password = fields.secret("password"),
                        .exec = fields.object("exec")};
  if (auto checked = check_methods(fields, methods); !checked) {
    return std::unexpected(checked.error());
  }
  if (!methods.token_file.empty()) return BearerTokenFile{methods.token_file, methods.token};
  if (methods.has_token()) return BearerToken{methods.token};
  if (methods.has_basic()) return BasicAuth{methods.username, methods.password};
  if (methods.exec == nullptr) return Anonymous{};
  return read_exec(*methods.exec, fields.place().below("exec"));
}

}  // namespace

base::Result<UserEntry> read_user(const Kubeconfig::Entry& entry) {
  Fields fields(entry.body, entry.place);
  UserEntry user{.certificate = read_pem(fields, "client-certificate"),
                 .key = read_pem(fields, "client-key"),
                 .credentials = {},
                 .impersonation = {}};
  auto credentials = read_credentials(fields);
  if (!credentials) return std::unexpected(std::move(credentials.error()));
  auto impersonation = read_impersonation(fields);
  if (!impersonation) return std::unexpected(std::move(impersonation.error()));
  if (auto checked = fields.check(); !checked) return std::unexpected(checked.error());
  if (auto checked = check_certificate(fields, user); !checked) {
    return std::unexpected(checked.error());
  }
  user.credentials = std::move(*credentials);
  user.impersonation = std::move(*impersonation);
  return user;
}

}  // namespace kube
