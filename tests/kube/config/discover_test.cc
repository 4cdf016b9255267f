#include "kube/config/discover.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kube/config/support.h"

namespace kube {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string kubeconfig(std::string_view host) {
  return "current-context: a\nclusters: [{name: c, cluster: {server: \"https://" +
         std::string(host) +
         "\"}}]\nusers: [{name: u, user: {}}]\n"
         "contexts: [{name: a, context: {cluster: c, user: u}},"
         " {name: b, context: {cluster: c, user: u, namespace: b}}]\n";
}

// A home with a kubeconfig, and a pod's service account, all of them in one folder.
class Discover : public testing::Test {
 protected:
  Discover() {
    options_.service_account_dir = folder_.path("sa");
    environment_["HOME"] = folder_.path("home");
  }
  void with_home() { folder_.write("home/.kube/config", kubeconfig("home")); }
  void with_pod() {
    folder_.write("sa/token", "t");
    folder_.write("sa/ca.crt", "CA");
    folder_.write("sa/namespace", "team\n");
    environment_["KUBERNETES_SERVICE_HOST"] = "10.96.0.1";
    environment_["KUBERNETES_SERVICE_PORT"] = "443";
  }
  std::string host() {
    const auto config = discover_config(options_, environment_);
    return config ? config->server.host : "ERROR: " + config.error().describe();
  }

  test::TempFolder folder_;
  ConfigOptions options_;
  Environment environment_;
};

TEST_F(Discover, LooksAtFlagThenVariableThenPodThenHome) {
  with_home();
  EXPECT_EQ(host(), "home");
  with_pod();
  EXPECT_EQ(host(), "10.96.0.1");
  environment_["KUBECONFIG"] = folder_.write("variable", kubeconfig("variable"));
  EXPECT_EQ(host(), "variable");
  options_.kubeconfig = folder_.write("flag", kubeconfig("flag"));
  EXPECT_EQ(host(), "flag");
}

TEST_F(Discover, DescribesThePod) {
  with_pod();
  const auto config = discover_config(options_, environment_);
  ASSERT_TRUE(config) << config.error().describe();
  EXPECT_EQ(config->server.port, 443);
  EXPECT_TRUE(config->server.tls());
  EXPECT_EQ(config->tls.ca.file, folder_.path("sa/ca.crt"));
  EXPECT_EQ(std::get<BearerTokenFile>(config->credentials).path, folder_.path("sa/token"));
  EXPECT_EQ(config->default_namespace, "team");
  EXPECT_EQ(config->origin, "the pod's service account");
}

TEST_F(Discover, TakesAnIpv6ServiceAddress) {
  with_pod();
  environment_["KUBERNETES_SERVICE_HOST"] = "fd00::1";
  EXPECT_EQ(host(), "fd00::1");
  environment_["KUBERNETES_SERVICE_HOST"] = "[fd00::2]";
  EXPECT_EQ(host(), "fd00::2");
}

TEST_F(Discover, RefusesAServiceAddressThatIsNone) {
  with_pod();
  environment_["KUBERNETES_SERVICE_PORT"] = "https";
  EXPECT_THAT(host(), HasSubstr("KUBERNETES_SERVICE_HOST=10.96.0.1 and "
                                "KUBERNETES_SERVICE_PORT=https are no address"));
}

TEST_F(Discover, PassesOverAPodWithoutAToken) {
  with_home();
  with_pod();
  folder_.remove("sa/token");
  EXPECT_EQ(host(), "home");
}

TEST_F(Discover, DoesWithoutTheNamespaceAndTheCaOfThePod) {
  with_pod();
  folder_.remove("sa/namespace");
  folder_.remove("sa/ca.crt");
  const auto config = discover_config(options_, environment_);
  ASSERT_TRUE(config) << config.error().describe();
  EXPECT_EQ(config->default_namespace, "default");
  EXPECT_TRUE(config->tls.ca.empty());
}

TEST_F(Discover, UsesTheContextThatIsNamedAndThenNoPod) {
  with_home();
  with_pod();
  options_.context = "b";
  const auto config = discover_config(options_, environment_);
  ASSERT_TRUE(config) << config.error().describe();
  EXPECT_EQ(config->server.host, "home");
  EXPECT_EQ(config->default_namespace, "b");
}

TEST_F(Discover, MergesTheFilesOfTheVariableAndSkipsThoseMissing) {
  const std::string first = folder_.write("first", "current-context: b\n");
  const std::string second = folder_.write("second", kubeconfig("second"));
  environment_["KUBECONFIG"] = "/nowhere::" + first + ":" + second;
  const auto config = discover_config(options_, environment_);
  ASSERT_TRUE(config) << config.error().describe();
  EXPECT_EQ(config->server.host, "second");
  EXPECT_EQ(config->default_namespace, "b");
}

TEST_F(Discover, DoesNotLookElsewhereWhenWhatIsNamedIsMissing) {
  with_home();
  environment_["KUBECONFIG"] = "/nowhere/a:/nowhere/b";
  EXPECT_THAT(host(), HasSubstr("no file of $KUBECONFIG exists: /nowhere/a:/nowhere/b"));
  options_.kubeconfig = "/nowhere/c";
  EXPECT_THAT(host(), HasSubstr("cannot read /nowhere/c: No such file or directory"));
}

TEST_F(Discover, ListsThePlacesWhenThereIsNothing) {
  EXPECT_THAT(host(), AllOf(HasSubstr("--kubeconfig is not given"), HasSubstr("$KUBECONFIG"),
                            HasSubstr("KUBERNETES_SERVICE_HOST"),
                            HasSubstr(folder_.path("home/.kube/config") + " does not exist")));
  environment_.erase("HOME");
  EXPECT_THAT(host(), HasSubstr("$HOME is not set"));
}

}  // namespace
}  // namespace kube
