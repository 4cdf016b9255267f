#include "kube/config/exec_credentials.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kube/config/exec_credential.h"
#include "kube/config/process.h"
#include "tests/kube/config/support.h"

namespace kube {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;

// Generous: a loaded machine starts a shell late. Nothing waits this long unless it is broken.
base::Clock::time_point soon() {
  return base::Clock::now() + seconds(30);
}

const Environment kEnvironment{{"PATH", "/usr/bin:/bin"}, {"INHERITED", "yes"}};

class Exec : public testing::Test {
 protected:
  ExecPlugin plugin(std::string_view body) {
    ExecPlugin plugin;
    plugin.command = folder_.script("plugin", body);
    plugin.api_version = kExecV1;
    return plugin;
  }
  static std::string prints(std::string_view status) {
    return "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\","
           "\"status\":{" +
           std::string(status) + "}}'\n";
  }
  // The error of the first run.
  std::string failure(std::string_view body, std::chrono::milliseconds timeout = seconds(30)) {
    ExecCredentials credentials(plugin(body), kEnvironment, timeout);
    const auto refreshed = credentials.refresh(base::Clock::now(), soon(), {});
    return refreshed ? "no error" : refreshed.error().describe();
  }

  test::TempFolder folder_;
};

std::string authorization(Credentials& credentials) {
  const Identity identity = credentials.current(base::Clock::now());
  return identity.authorization ? identity.authorization->reveal() : "none";
}

TEST_F(Exec, GivesTheTokenThatThePluginPrints) {
  ExecCredentials credentials(plugin(prints("\"token\":\"t\"")), kEnvironment);
  const auto refreshed = credentials.refresh(base::Clock::now(), soon(), {});
  ASSERT_TRUE(refreshed) << refreshed.error().describe();
  EXPECT_EQ(authorization(credentials), "Bearer t");
  EXPECT_EQ(credentials.problem(), std::nullopt);
}

TEST_F(Exec, PassesArgumentsEnvironmentAndExecInfo) {
  auto with_arguments = plugin(
      "printf '%s\\n' \"$1\" \"$2\" \"$INHERITED\" \"$OWN\" "
      "\"$KUBERNETES_EXEC_INFO\" > " +
      folder_.path("seen") + "\n" + prints("\"token\":\"t\""));
  with_arguments.args = {"a b", "$(c)"};
  with_arguments.env.emplace_back("OWN", base::Redacted<std::string>("own"));
  ExecCredentials credentials(with_arguments, kEnvironment);
  ASSERT_TRUE(credentials.refresh(base::Clock::now(), soon(), {}));
  EXPECT_EQ(folder_.read("seen"), "a b\n$(c)\nyes\nown\n" + exec_info(with_arguments) + "\n");
}

TEST_F(Exec, RunsAgainAfterA401AndKeepsTheOldWhenThatFails) {
  // The second run fails.
  ExecCredentials credentials(
      plugin("if [ -e " + folder_.path("ran") + " ]; then exit 3; fi\n: > " + folder_.path("ran") +
             "\n" + prints("\"token\":\"old\"")),
      kEnvironment);
  ASSERT_TRUE(credentials.refresh(base::Clock::now(), soon(), {}));
  credentials.unauthorized(base::Clock::now());
  const auto refreshed = credentials.refresh(base::Clock::now(), soon(), {});
  ASSERT_FALSE(refreshed);
  EXPECT_THAT(refreshed.error().describe(), HasSubstr("exit status 3"));
  EXPECT_EQ(authorization(credentials), "Bearer old");
  EXPECT_NE(credentials.problem(), std::nullopt);
}

TEST_F(Exec, DoesNotRunAgainForA401ToAnOlderToken) {
  const auto before = base::Clock::now();
  ExecCredentials credentials(plugin(prints("\"token\":\"t\"")), kEnvironment);
  ASSERT_TRUE(credentials.refresh(base::Clock::now(), soon(), {}));
  credentials.unauthorized(before);
  EXPECT_TRUE(credentials.refresh(base::Clock::now(), base::Clock::now(), {}));
}

TEST_F(Exec, SaysWhyItFailed) {
  EXPECT_THAT(failure("echo 'run: login first' >&2; exit 7"),
              AllOf(HasSubstr("exec plugin " + folder_.path("plugin")),
                    HasSubstr("exit status 7: run: login first")));
  EXPECT_THAT(failure("echo garbage"), HasSubstr("the output is no JSON object"));
  EXPECT_THAT(failure("kill -9 $$"), HasSubstr("exit status 137"));
  EXPECT_THAT(failure(prints("\"token\":\"t\",\"expirationTimestamp\":\"2020-01-01T00:00:00Z\"")),
              HasSubstr("expired at 2020-01-01T00:00:00Z"));
}

TEST_F(Exec, KillsAPluginThatHangsAndItsChildren) {
  EXPECT_THAT(failure("sleep 1000 & sleep 1000", std::chrono::milliseconds(100)),
              HasSubstr("took too long"));
}

TEST_F(Exec, KillsAPluginThatDoesNotStopPrinting) {
  EXPECT_THAT(failure("yes"), HasSubstr("printed more than 1048576 bytes"));
}

TEST_F(Exec, SaysHowToInstallAMissingPlugin) {
  ExecPlugin missing;
  missing.command = "/nowhere/login";
  missing.install_hint = "apt install login";
  ExecCredentials credentials(missing, kEnvironment);
  const auto refreshed = credentials.refresh(base::Clock::now(), soon(), {});
  ASSERT_FALSE(refreshed);
  EXPECT_EQ(refreshed.error().reason, base::Reason::kNotFound);
  EXPECT_THAT(refreshed.error().message, HasSubstr("apt install login"));
}

TEST_F(Exec, StopsARunningPluginWhenItGoesAway) {
  const auto started = base::Clock::now();
  {
    const ExecCredentials credentials(plugin("sleep 1000"), kEnvironment);
  }
  EXPECT_LT(base::Clock::now() - started, seconds(30));
}

TEST_F(Exec, WaitsNoLongerThanTheDeadlineOrTheStop) {
  ExecCredentials credentials(plugin("sleep 1000"), kEnvironment);
  const auto late = credentials.refresh(base::Clock::now(), base::Clock::now(), {});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().reason, base::Reason::kTimeout);
  std::stop_source stop;
  stop.request_stop();
  const auto stopped = credentials.refresh(base::Clock::now(), soon(), stop.get_token());
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().reason, base::Reason::kCancelled);
  EXPECT_EQ(authorization(credentials), "none") << "and never waits for current()";
}

TEST(Process, HasNothingToReadAndNothingOpen) {
  const ProcessOptions options{
      .program = "/bin/sh",
      .arguments = {"-c",
                    "cat; for fd in 3 4 5 6 7 8 9; do [ -e /dev/fd/$fd ] && echo $fd; done; true"},
      .environment = {}};
  const auto result = run_process(options, soon(), {});
  ASSERT_TRUE(result) << result.error().describe();
  EXPECT_EQ(result->output, "");
  EXPECT_EQ(result->exit_status, 0);
}

TEST(Process, KeepsTheBeginningOfStandardErrorPrintable) {
  const ProcessOptions options{
      .program = "/bin/sh",
      .arguments = {"-c", "printf 'a\\033[1m\\n' >&2; head -c 100000 /dev/zero >&2; echo done"},
      .environment = {"PATH=/usr/bin:/bin"}};
  const auto result = run_process(options, soon(), {});
  ASSERT_TRUE(result) << result.error().describe();
  EXPECT_EQ(result->output, "done\n");
  EXPECT_EQ(result->diagnostics, "a [1m " + std::string(1024 - 6, ' '));
}

TEST(Process, IsStopped) {
  std::stop_source stop;
  stop.request_stop();
  const auto result =
      run_process({.program = "/bin/sleep", .arguments = {"1000"}, .environment = {}}, soon(),
                  stop.get_token());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, base::Reason::kCancelled);
}

}  // namespace
}  // namespace kube
