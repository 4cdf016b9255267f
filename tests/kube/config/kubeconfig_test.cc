#include "kube/config/kubeconfig.h"

#include <string>

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kube/config/support.h"

namespace kube {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kFile = "/etc/kube/config";

// One context "dev" with the given fields of its cluster and user, in flow style.
std::string kubeconfig(std::string_view cluster, std::string_view user) {
  std::string text = "apiVersion: v1\nkind: Config\ncurrent-context: dev\n";
  text += "clusters: [{name: c, cluster: {" + std::string(cluster) + "}}]\n";
  text += "users: [{name: u, user: {" + std::string(user) + "}}]\n";
  text += "contexts: [{name: dev, context: {cluster: c, user: u}}]\n";
  return text;
}

constexpr std::string_view kServer = "server: \"https://10.0.0.1:6443\"";

base::Result<Config> config_of(std::string_view text) {
  const auto parsed = Kubeconfig::parse(text, kFile);
  if (!parsed) return std::unexpected(parsed.error());
  return parsed->resolve();
}

Config good(std::string_view cluster, std::string_view user) {
  auto config = config_of(kubeconfig(cluster, user));
  EXPECT_TRUE(config) << config.error().describe();
  return config ? *config : Config{};
}

std::string error_of(std::string_view text) {
  const auto config = config_of(text);
  return config ? "no error" : config.error().describe();
}

std::string user_error(std::string_view user) {
  return error_of(kubeconfig(kServer, user));
}

TEST(KubeconfigCluster, GivesServerAndTls) {
  const Config config = good(
      "server: \"https://example.com/k8s/clusters/c-1/\", tls-server-name: kubernetes, "
      "certificate-authority: pki/ca.crt, proxy-url: \"http://proxy:3128\"",
      "");
  EXPECT_EQ(config.server.host, "example.com");
  EXPECT_EQ(config.server.port, 443);
  EXPECT_EQ(config.server.path, "/k8s/clusters/c-1");
  EXPECT_EQ(config.tls.server_name, "kubernetes");
  EXPECT_EQ(config.tls.ca.file, "/etc/kube/pki/ca.crt");
  EXPECT_FALSE(config.tls.insecure_skip_verify);
  EXPECT_EQ(config.proxy_url.reveal(), "http://proxy:3128");
  EXPECT_EQ(config.default_namespace, "default");
  EXPECT_EQ(config.origin, "context \"dev\" of /etc/kube/config");
}

TEST(KubeconfigCluster, TakesCertificatesInline) {
  const Config config = good("server: \"https://h\", certificate-authority-data: Q0E=",
                             "client-certificate-data: \"Q0VS\\nVA==\", client-key-data: S0VZ");
  EXPECT_EQ(config.tls.ca.data.reveal(), "CA");
  EXPECT_EQ(config.tls.certificate.data.reveal(), "CERT");
  EXPECT_EQ(config.tls.key.data.reveal(), "KEY");
}

TEST(KubeconfigCluster, MayBeInsecureButNotWithACertificateAuthority) {
  EXPECT_TRUE(
      good("server: \"https://h\", insecure-skip-tls-verify: true", "").tls.insecure_skip_verify);
  EXPECT_EQ(error_of(kubeconfig("server: \"https://h\", insecure-skip-tls-verify: true, "
                                "certificate-authority: ca.crt",
                                "")),
            "/etc/kube/config: clusters[\"c\"].cluster.insecure-skip-tls-verify: and a certificate "
            "authority exclude each other");
}

TEST(KubeconfigCluster, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(error_of(kubeconfig("", "")),
            "/etc/kube/config: clusters[\"c\"].cluster.server: must be set");
  EXPECT_EQ(error_of(kubeconfig("server: \"ftp://h\"", "")),
            "/etc/kube/config: clusters[\"c\"].cluster.server: must be a URL such as "
            "https://10.0.0.1:6443");
  EXPECT_EQ(error_of(kubeconfig("server: \"https://h\", insecure-skip-tls-verify: \"yes\"", "")),
            "/etc/kube/config: clusters[\"c\"].cluster.insecure-skip-tls-verify: must be true or "
            "false, without quotes");
  EXPECT_EQ(error_of(kubeconfig("server: \"https://h\", certificate-authority: a, "
                                "certificate-authority-data: QQ==",
                                "")),
            "/etc/kube/config: clusters[\"c\"].cluster.certificate-authority: and "
            "certificate-authority-data exclude each other");
}

TEST(KubeconfigCluster, DoesNotRepeatAPassword) {
  EXPECT_THAT(error_of(kubeconfig("server: \"https://me:hunter2@h\"", "")),
              Not(HasSubstr("hunter2")));
  EXPECT_THAT(user_error("client-key-data: \"hunter2!\""), Not(HasSubstr("hunter2")));
  EXPECT_THAT(user_error("token: \"hunter2 x\""), Not(HasSubstr("hunter2")));
  EXPECT_THAT(user_error("password: 123456"), Not(HasSubstr("123456")));
}

TEST(KubeconfigUser, MayBeAnonymous) {
  EXPECT_TRUE(std::holds_alternative<Anonymous>(good(kServer, "").credentials));
}

TEST(KubeconfigUser, MayHaveAToken) {
  const Config config = good(kServer, "token: abc");
  EXPECT_EQ(std::get<BearerToken>(config.credentials).token.reveal(), "abc");
}

TEST(KubeconfigUser, PrefersATokenFileAndKeepsTheTokenForTheStart) {
  const Config config = good(kServer, "token: abc, tokenFile: ../token");
  const auto& source = std::get<BearerTokenFile>(config.credentials);
  EXPECT_EQ(source.path, "/etc/token");
  EXPECT_EQ(source.initial.reveal(), "abc");
}

TEST(KubeconfigUser, MayHaveAPassword) {
  const Config config = good(kServer, "username: me, password: secret");
  const auto& source = std::get<BasicAuth>(config.credentials);
  EXPECT_EQ(source.username, "me");
  EXPECT_EQ(source.password.reveal(), "secret");
}

TEST(KubeconfigUser, MayHaveAClientCertificateBesideAToken) {
  const Config config =
      good(kServer, "token: abc, client-certificate: /pki/a.crt, client-key: a.key");
  EXPECT_EQ(config.tls.certificate.file, "/pki/a.crt");
  EXPECT_EQ(config.tls.key.file, "/etc/kube/a.key");
  EXPECT_TRUE(std::holds_alternative<BearerToken>(config.credentials));
}

TEST(KubeconfigUser, NeedsCertificateAndKeyTogether) {
  EXPECT_THAT(user_error("client-certificate: a.crt"),
              HasSubstr("users[\"u\"].user.client-key: must be set when client-certificate is"));
  EXPECT_THAT(user_error("client-key: a.key"),
              HasSubstr("client-certificate: must be set when client-key is"));
  EXPECT_THAT(user_error("client-key: a, client-key-data: QQ==, client-certificate: c"),
              HasSubstr("client-key: and client-key-data exclude each other"));
  EXPECT_THAT(user_error("client-key-data: \"?\", client-certificate: c"),
              HasSubstr("client-key-data: must be base64"));
}

TEST(KubeconfigUser, RefusesTwoMethods) {
  EXPECT_EQ(user_error("token: abc, username: me, password: x"),
            "/etc/kube/config: users[\"u\"].user: a token and username and password exclude each "
            "other; keep one");
}

TEST(KubeconfigUser, RefusesATokenThatWouldBreakTheHeader) {
  EXPECT_THAT(user_error("token: \"a\\r\\nX-Evil: 1\""),
              HasSubstr("user.token: must not contain white space or control characters"));
}

TEST(KubeconfigUser, SaysWhatToDoInsteadOfAnAuthProvider) {
  EXPECT_THAT(user_error("auth-provider: {name: gcp}"),
              HasSubstr("user.auth-provider: is not supported; use an exec plugin"));
}

TEST(KubeconfigUser, MayImpersonate) {
  const Config config = good(
      kServer, "as: jane, as-uid: \"7\", as-groups: [dev, ops], as-user-extra: {scope: [a, b]}");
  EXPECT_EQ(config.impersonation.user, "jane");
  EXPECT_EQ(config.impersonation.uid, "7");
  EXPECT_THAT(config.impersonation.groups, ElementsAre("dev", "ops"));
  EXPECT_THAT(config.impersonation.extra.at("scope"), ElementsAre("a", "b"));
}

TEST(KubeconfigUser, ImpersonatesNobodyWithoutAUser) {
  EXPECT_THAT(user_error("as-groups: [dev]"), HasSubstr("user.as: must be set"));
  EXPECT_THAT(user_error("as: x, as-groups: [1]"),
              HasSubstr("user.as-groups: must be a list of strings"));
  EXPECT_THAT(user_error("as: x, as-user-extra: {scope: a}"),
              HasSubstr("user.as-user-extra.scope: must be a list"));
}

constexpr std::string_view kExec =
    "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: IfAvailable, ";

std::string exec(std::string_view rest) {
  return std::string(kExec) + std::string(rest) + "}";
}

TEST(KubeconfigExec, GivesThePlugin) {
  const Config config = good(
      kServer, exec("command: aws, args: [eks, get-token], env: [{name: AWS_PROFILE, value: dev}], "
                    "installHint: install it"));
  const auto& plugin = std::get<ExecPlugin>(config.credentials);
  EXPECT_EQ(plugin.command, "aws");
  EXPECT_THAT(plugin.args, ElementsAre("eks", "get-token"));
  ASSERT_EQ(plugin.env.size(), 1U);
  EXPECT_EQ(plugin.env[0].first, "AWS_PROFILE");
  EXPECT_EQ(plugin.env[0].second.reveal(), "dev");
  EXPECT_EQ(plugin.api_version, "client.authentication.k8s.io/v1");
  EXPECT_EQ(plugin.install_hint, "install it");
  EXPECT_FALSE(plugin.provide_cluster_info);
}

TEST(KubeconfigExec, ResolvesACommandWithASlashAgainstTheFile) {
  const Config config = good(kServer, exec("command: bin/login"));
  EXPECT_EQ(std::get<ExecPlugin>(config.credentials).command, "/etc/kube/bin/login");
}

TEST(KubeconfigExec, ProvidesTheClusterWhenAsked) {
  const test::TempFolder folder;
  const std::string ca = folder.write("ca.crt", "CA");
  const Config config = good(
      "server: \"https://h:6443/p\", tls-server-name: kubernetes, certificate-authority: \"" + ca +
          "\", extensions: [{name: other, extension: 1}, "
          "{name: client.authentication.k8s.io/exec, extension: {audience: x}}]",
      exec("command: login, provideClusterInfo: true"));
  EXPECT_EQ(boost::json::serialize(std::get<ExecPlugin>(config.credentials).cluster),
            R"({"server":"https://h:6443/p","tls-server-name":"kubernetes",)"
            R"("certificate-authority-data":"Q0E=","config":{"audience":"x"}})");
}

TEST(KubeconfigExec, NamesTheFieldThatIsWrong) {
  EXPECT_THAT(user_error(exec("args: []")), HasSubstr("user.exec.command: must be set"));
  EXPECT_THAT(
      user_error("exec: {command: a, apiVersion: client.authentication.k8s.io/v1alpha1}"),
      HasSubstr("user.exec.apiVersion: \"client.authentication.k8s.io/v1alpha1\"; must be"));
  EXPECT_THAT(user_error("exec: {command: a, apiVersion: client.authentication.k8s.io/v1}"),
              HasSubstr("user.exec.interactiveMode: must be set"));
  EXPECT_THAT(user_error("exec: {command: a, apiVersion: client.authentication.k8s.io/v1beta1, "
                         "interactiveMode: Always}"),
              HasSubstr("no terminal"));
  EXPECT_THAT(user_error(exec("command: a, env: [{name: \"\", value: x}]")),
              HasSubstr("user.exec.env[0].name: must be a variable's name"));
  EXPECT_THAT(user_error(exec("command: a, env: [x]")),
              HasSubstr("user.exec.env[0]: must be a mapping"));
}

TEST(KubeconfigExec, NeedsNoInteractiveModeInV1Beta1) {
  EXPECT_EQ(user_error("exec: {command: a, apiVersion: client.authentication.k8s.io/v1beta1}"),
            "no error");
}

TEST(Kubeconfig, IsYamlOfItsKind) {
  EXPECT_THAT(error_of("a: [1\nb: 2"), StartsWith("/etc/kube/config: line 2, column"));
  EXPECT_EQ(error_of("- 1"), "/etc/kube/config: a kubeconfig must be a mapping");
  EXPECT_EQ(error_of("kind: Pod"), "/etc/kube/config: kind: \"Pod\"; a kubeconfig has \"Config\"");
  EXPECT_EQ(error_of("apiVersion: v2"),
            "/etc/kube/config: apiVersion: \"v2\"; a kubeconfig has \"v1\"");
  EXPECT_EQ(error_of("clusters: {}"), "/etc/kube/config: clusters: must be a list");
  EXPECT_EQ(error_of("clusters: [1]"), "/etc/kube/config: clusters[0]: must be a mapping");
  EXPECT_EQ(error_of("users: [{user: {}}]"), "/etc/kube/config: users[0].name: must be set");
}

TEST(Kubeconfig, RefusesTwoEntriesOfOneName) {
  EXPECT_EQ(error_of("contexts: [{name: a}, {name: a}]"),
            "/etc/kube/config: contexts[1].name: duplicate name \"a\"");
}

TEST(Kubeconfig, IgnoresBrokenEntriesThatNobodyUses) {
  const std::string text = kubeconfig(kServer, "token: abc") + "extra: 1\n";
  const auto broken = Kubeconfig::parse("users: [{name: x, user: {token: 1}}]", "/other");
  auto merged = *Kubeconfig::parse(text, kFile);
  merged.merge(*broken);
  EXPECT_TRUE(merged.resolve());
}

TEST(Kubeconfig, SaysWhichContextsThereAre) {
  EXPECT_THAT(error_of(""), HasSubstr("current-context is not set"));
  EXPECT_EQ(error_of("current-context: x\ncontexts: [{name: a}, {name: b}]"),
            "/etc/kube/config: no context is named \"x\"; there are: a, b");
  EXPECT_EQ(
      error_of("current-context: a\ncontexts: [{name: a, context: {cluster: c}}]"),
      "/etc/kube/config: contexts[\"a\"].context.cluster: no cluster is named \"c\"; there is "
      "none");
}

TEST(Kubeconfig, TakesTheNamespaceOfTheContext) {
  const auto config = config_of(
      "current-context: a\nclusters: [{name: c, cluster: {server: \"https://h\"}}]\n"
      "users: [{name: u, user: {}}]\n"
      "contexts: [{name: a, context: {cluster: c, user: u, namespace: team}}]");
  ASSERT_TRUE(config) << config.error().describe();
  EXPECT_EQ(config->default_namespace, "team");
}

TEST(KubeconfigMerge, LetsTheFirstFileWinPerEntry) {
  auto merged = *Kubeconfig::parse(
      "current-context: a\n"
      "clusters: [{name: c, cluster: {server: \"https://first\"}}]\n"
      "contexts: [{name: a, context: {cluster: c, user: u}}]",
      "/one/config");
  merged.merge(*Kubeconfig::parse(
      "current-context: b\n"
      "clusters: [{name: c, cluster: {server: \"https://second\", tls-server-name: kubernetes}}]\n"
      "users: [{name: u, user: {tokenFile: token}}]\n"
      "contexts: [{name: b, context: {cluster: c, user: u}}]",
      "/two/config"));
  const auto config = merged.resolve();
  ASSERT_TRUE(config) << config.error().describe();
  EXPECT_EQ(config->server.host, "first");
  EXPECT_EQ(config->tls.server_name, "") << "entries are not mixed";
  EXPECT_EQ(std::get<BearerTokenFile>(config->credentials).path, "/two/token")
      << "relative to the file that says it";
  EXPECT_EQ(merged.resolve("b")->origin, "context \"b\" of /two/config");
}

TEST(KubeconfigLoad, NamesTheFileThatIsMissing) {
  const auto loaded = load_kubeconfig("/nowhere/config");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().message, "cannot read /nowhere/config: No such file or directory");
}

}  // namespace
}  // namespace kube
