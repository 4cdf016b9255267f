// The program as one who installs it meets it (behaviour 6).

#include <chrono>
#include <csignal>

#include <boost/json/serialize.hpp>

#include "base/version.h"
#include "tests/support/child_process.h"
#include "tests/support/cluster.h"
#include "tests/support/places.h"

namespace test {
namespace {

using namespace std::chrono_literals;

struct Finished {
  int code = 0;
  std::string out;
  std::string err;
};

Finished run(std::vector<std::string> flags) {
  flags.insert(flags.begin(), operator_program());
  const std::string base = testing::TempDir() + "/capp-command-" + std::to_string(::getpid());
  ChildProcess process(
      {.command = flags, .stdout_file = base + ".out", .stderr_file = base + ".err"});
  const int code = process.wait(kPatience);
  Finished finished{.code = code, .out = read_file(base + ".out"), .err = read_file(base + ".err")};
  ::unlink((base + ".out").c_str());
  ::unlink((base + ".err").c_str());
  return finished;
}

TEST(CommandLine, AnUnknownFlagIsAUsageError) {
  const auto finished = run({"--no-such-flag"});
  EXPECT_EQ(finished.code, 2);
  EXPECT_TRUE(finished.err.contains("no-such-flag")) << finished.err;
  EXPECT_TRUE(finished.err.contains("usage: ")) << finished.err;
  EXPECT_EQ(finished.out, "");
}

TEST(CommandLine, ABadValueIsAUsageError) {
  for (const char* flag : {"--metrics-bind-address=nowhere", "--max-concurrent-reconciles=0",
                           "--namespace=No_Name", "--log-verbosity=loud"}) {
    const auto finished = run({flag});
    EXPECT_EQ(finished.code, 2) << flag;
    EXPECT_TRUE(finished.err.contains("usage: ")) << finished.err;
  }
}

TEST(CommandLine, TellsItsVersion) {
  for (const char* flag : {"--version", "-version"}) {
    const auto finished = run({flag});
    EXPECT_EQ(finished.code, 0);
    EXPECT_TRUE(finished.out.contains(base::kVersion)) << finished.out;
  }
}

TEST(CommandLine, AKubeconfigThatIsNotThereIsNamed) {
  const auto finished = run({"--kubeconfig=/no/such/kubeconfig"});
  EXPECT_EQ(finished.code, 1);
  EXPECT_TRUE(finished.err.contains("/no/such/kubeconfig")) << finished.err;
}

class Running : public SharedCluster {};

TEST_F(Running, TermEndsItWithinFiveSeconds) {
  cluster.create_settled(a_capp("web"));
  const auto begin = base::Clock::now();
  EXPECT_EQ(cluster.op().stop(), 0);
  EXPECT_LE(base::Clock::now() - begin, 5s * kSlowness);
}

TEST_F(Running, AnswersProbes) {
  EXPECT_EQ(cluster.op().probe("/healthz").status, 200);
  EXPECT_EQ(cluster.op().probe("/readyz").status, 200);
  const auto verbose = cluster.op().probe("/readyz?verbose");
  EXPECT_EQ(verbose.body, "[+]synced ok\n[+]webhook ok\nreadyz check passed\n");
  EXPECT_EQ(cluster.op().probe("/nothing").status, 404);
}

TEST_F(Running, LogsOneEcsDocumentALine) {
  std::istringstream lines(cluster.op().log());
  for (std::string line; std::getline(lines, line);) {
    const auto document = parse_object(line);
    EXPECT_TRUE(document.contains("@timestamp")) << line;
    EXPECT_TRUE(document.contains("message")) << line;
  }
}

// The names on which dashboards for Go operators stand.
TEST_F(Running, ServesControllerRuntimesMetrics) {
  cluster.create_settled(a_capp("web"));
  const std::string metrics = cluster.op().metrics();
  for (const char* name :
       {"controller_runtime_reconcile_total", "controller_runtime_reconcile_errors_total",
        "controller_runtime_reconcile_panics_total",
        "controller_runtime_terminal_reconcile_errors_total",
        "controller_runtime_reconcile_time_seconds_bucket",
        "controller_runtime_max_concurrent_reconciles", "controller_runtime_active_workers",
        "workqueue_depth", "workqueue_adds_total", "workqueue_queue_duration_seconds_bucket",
        "workqueue_work_duration_seconds_bucket", "workqueue_unfinished_work_seconds",
        "workqueue_longest_running_processor_seconds", "workqueue_retries_total",
        "rest_client_requests_total", "process_cpu_seconds_total", "process_resident_memory_bytes",
        "process_start_time_seconds", "process_open_fds"}) {
    EXPECT_TRUE(metrics.contains("\n" + std::string(name))) << name << " is absent";
  }
}

TEST_F(Running, ServesMetricsThatPromtoolAccepts) {
  cluster.create_settled(a_capp("web"));
  const std::string file = cluster.plane.scratch("metrics-" + cluster.ns);
  write_file(file, cluster.op().metrics());
  EXPECT_NO_THROW(output_of({"/bin/sh", "-c", "promtool check metrics < " + file}, file + ".out"));
}

}  // namespace
}  // namespace test
