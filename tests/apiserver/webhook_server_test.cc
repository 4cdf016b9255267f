// The webhook server of the operator that is shipped: its certificate changes, its clients attack
// it, its process stops (R46, R48, R49, F21 to F23).

#include <atomic>
#include <csignal>
#include <future>
#include <sys/resource.h>
#include <thread>
#include <zlib.h>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <openssl/ssl.h>

#include "net/client.h"
#include "tests/net/raw_client.h"
#include "tests/support/certificate_volume.h"
#include "tests/support/certificates.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr std::size_t kMiB = 1024 * 1024;
// resources.limits.memory of config/manager.
constexpr std::size_t kMemoryLimit = 128 * kMiB;
constexpr std::string_view kJson = "application/json";

net::Request review(const std::string& target) {
  const boost::json::object asked{
      {"apiVersion", "admission.k8s.io/v1"},
      {"kind", "AdmissionReview"},
      {"request",
       {{"uid", "0b4f9a4e-5d9f-4d3c-8a35-9a2f5a3c1f10"},
        {"operation", "CREATE"},
        {"kind", {{"group", "rcs.dana.io"}, {"version", "v1alpha1"}, {"kind", "Capp"}}},
        {"resource", {{"group", "rcs.dana.io"}, {"version", "v1alpha1"}, {"resource", "capps"}}},
        {"namespace", "default"},
        {"name", "web"},
        {"userInfo", {{"username", "jane"}}},
        {"object", a_capp("web", R"({"metadata": {"namespace": "default"}})")}}}};
  return {.method = net::Method::kPost,
          .target = target,
          .headers = {{"Content-Type", std::string(kJson)}},
          .body = boost::json::serialize(asked)};
}

// Calls the webhooks as an API server does, each time on a connection of its own.
class Caller {
 public:
  Caller(int port, std::string ca_pem) : port_(port), ca_pem_(std::move(ca_pem)) {}

  base::Result<net::Response> send(const net::Request& request,
                                   const std::string& server_name = "localhost") {
    return client(server_name)->send(request);
  }
  std::unique_ptr<net::Client> client(const std::string& server_name = "localhost") {
    return net::Client::create(loop_,
                               {.host = "127.0.0.1",
                                .port = static_cast<std::uint16_t>(port_),
                                .tls_options = {.ca_pem = ca_pem_, .server_name = server_name}})
        .value();
  }
  testing::AssertionResult is_allowed() { return is_allowed(*client()); }
  static testing::AssertionResult is_allowed(net::Client& client) {
    const auto answer = client.send(review("/validate-capp?timeout=5s"));
    if (!answer) return testing::AssertionFailure() << answer.error().describe();
    if (answer->status == 200 && answer->body.contains(R"("allowed":true)")) {
      return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << answer->status << ": " << answer->body;
  }

 private:
  const int port_;
  const std::string ca_pem_;
  net::Loop loop_;
};

// So many calls a second, until the end; every one has to be answered.
class Calls {
 public:
  Calls(int port, const std::string& ca_pem, int per_second)
      : caller_(port, ca_pem), period_(1000ms / per_second) {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  // How many there were.
  int end() {
    thread_.request_stop();
    thread_.join();
    return count_;
  }
  [[nodiscard]] std::chrono::milliseconds slowest() const { return slowest_; }

 private:
  void run(const std::stop_token& stop) {
    auto next = base::Clock::now();
    while (!stop.stop_requested()) {
      next += period_;
      const auto early = std::chrono::ceil<std::chrono::milliseconds>(next - base::Clock::now());
      [[maybe_unused]] const auto paced = throughout(early, [&] {
        return stop.stop_requested() ? testing::AssertionFailure() : testing::AssertionSuccess();
      });
      const auto begun = base::Clock::now();
      const auto allowed = caller_.is_allowed();
      EXPECT_TRUE(allowed) << "call " << count_;
      slowest_ = std::max(slowest_,
                          std::chrono::ceil<std::chrono::milliseconds>(base::Clock::now() - begun));
      ++count_;
      if (!allowed) return;
    }
  }

  Caller caller_;
  const std::chrono::milliseconds period_;
  int count_ = 0;
  std::chrono::milliseconds slowest_{0};
  std::jthread thread_;
};

// A TLS connection on which a request dribbles.
class Dribble {
 public:
  explicit Dribble(int port) : client_(static_cast<std::uint16_t>(port)) {
    SSL_set_fd(session_, client_.descriptor());
    secured_ = SSL_connect(session_) == 1;
    drop("POST /validate-capp HTTP/1.1\r\nContent-Length: 9999\r\n\r\n");
  }
  ~Dribble() {
    SSL_free(session_);
    SSL_CTX_free(context_);
  }
  Dribble(const Dribble&) = delete;
  Dribble& operator=(const Dribble&) = delete;

  // The server may have closed: OpenSSL writes without MSG_NOSIGNAL.
  void drop(std::string_view bytes) {
    if (secured_) SSL_write(session_, bytes.data(), static_cast<int>(bytes.size()));
  }

 private:
  net::RawClient client_;
  SSL_CTX* context_ = SSL_CTX_new(TLS_client_method());
  SSL* session_ = SSL_new(context_);
  bool secured_ = false;
};

std::string gzip_of_zeros(std::size_t size) {
  std::string zeros(size, '\0');
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, size), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(zeros.data());
  stream.avail_in = static_cast<uInt>(zeros.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// 2000 connections are more than what a process gets without asking.
void allow_many_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

class WebhookServer : public SharedCluster {
 protected:
  // Each test starts the operator itself, and loses connections on purpose.
  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }

  void start_with(const net::TlsOptions& pair) {
    volume.put(pair);
    cluster.start_operator({}, flags());
  }
  [[nodiscard]] std::vector<std::string> flags() const {
    return {fmt::format("--webhook-port={}", port),
            "--webhook-cert-path=" + volume.path().string()};
  }
  [[nodiscard]] net::TlsOptions localhost() const { return localhost_identity(authority); }
  Caller caller() { return {port, authority.pem()}; }

  const int port = free_port();
  const CertificateAuthority authority;
  CertificateVolume volume;
};

TEST_F(WebhookServer, AnswersEveryCallWhileItsCertificateChangesAHundredTimes) {
  start_with(localhost());
  constexpr int kPerSecond = 50;
  const auto begun = base::Clock::now();
  Calls calls(port, authority.pem(), kPerSecond);
  auto asking = caller();
  for (int i = 1; i <= 100; ++i) {
    const std::string name = fmt::format("rotation-{}.example.com", i);
    volume.put(authority.issue({.dns_names = {"localhost", name}}));
    ASSERT_TRUE(eventually([&] {
      const auto answer = asking.send({.target = "/"}, name);
      return answer ? testing::AssertionSuccess()
                    : testing::AssertionFailure() << name << ": " << answer.error().describe();
    }));
  }
  const std::chrono::duration<double> took = base::Clock::now() - begun;
  EXPECT_GT(calls.end(), 0.8 * kPerSecond * took.count() / kSlowness) << took.count() << " s";
  EXPECT_EQ(cluster.op().metric("certwatcher_read_certificate_errors_total"), 0);
  EXPECT_EQ(cluster.op().metric("controller_runtime_webhook_panics_total"), 0);
}

TEST_F(WebhookServer, TakesACertificateThatComesLaterAndKeepsItUntilABetterOneIsThere) {
  auto& op = cluster.start_operator({}, flags());
  EXPECT_EQ(caller().send({.target = "/"}).error().reason, base::Reason::kConnection);
  EXPECT_THAT(op.log(), HasSubstr("no certificate yet"));
  EXPECT_EQ(op.probe("/readyz/webhook").body, "ok");
  volume.put(authority.issue({.dns_names = {"localhost"}, .expired = true}));
  EXPECT_TRUE(eventually([&] {
    const auto body = op.probe("/readyz/webhook").body;
    return body.contains("expired at") ? testing::AssertionSuccess()
                                       : testing::AssertionFailure() << body;
  }));
  volume.put(localhost());
  EXPECT_TRUE(eventually([&] { return caller().is_allowed(); }));
  const auto expires = op.metric("webhook_certificate_expiry_seconds");
  const auto errors = [&] {
    return op.metric("certwatcher_read_certificate_errors_total").value_or(0);
  };
  const auto errors_before = errors();
  auto mismatched = localhost();
  mismatched.private_key_pem = localhost().private_key_pem;
  volume.put(mismatched);
  EXPECT_TRUE(eventually([&] { return is("one more error", errors() > errors_before, true); }));
  EXPECT_TRUE(caller().is_allowed());
  EXPECT_EQ(op.metric("webhook_certificate_expiry_seconds"), expires);
  EXPECT_TRUE(
      eventually([&] { return is("/readyz", op.probe("/readyz").body, std::string("ok")); }));
}

TEST_F(WebhookServer, ServesOthersInBoundedMemoryWhileItIsAttacked) {
  allow_many_descriptors();
  start_with(localhost());
  Calls others(port, authority.pem(), 10);
  auto attacker = caller();
  const auto status = [&](const net::Request& request) {
    const auto answer = attacker.send(request);
    return answer ? answer->status : 0;
  };
  const auto with = [](std::string_view type, std::string body) {
    auto request = review("/validate-capp");
    request.headers[0].value = type;
    request.body = std::move(body);
    return request;
  };

  // As an API server keeps them.
  const auto kept = attacker.client();
  EXPECT_TRUE(Caller::is_allowed(*kept));
  EXPECT_EQ(status(with("application/vnd.kubernetes.protobuf", "k8s")), 415);
  auto bomb = with(kJson, gzip_of_zeros(64 * kMiB));
  bomb.headers.push_back({.name = "Content-Encoding", .value = "gzip"});
  EXPECT_EQ(status(bomb), 415);
  bomb.headers.back() = {.name = "Transfer-Encoding", .value = "gzip"};
  EXPECT_NE(status(bomb), 200);
  std::vector<std::future<int>> large;
  for (int i = 0; i < 8; ++i) {
    large.push_back(std::async(std::launch::async,
                               [&] { return status(with(kJson, std::string(8 * kMiB, ' '))); }));
    large.push_back(std::async(std::launch::async, [&] {
      std::string hostile = "[";
      while (hostile.size() < 7 * kMiB - 2) hostile += "1,";
      hostile.back() = ']';
      return status(with(kJson, std::move(hostile)));
    }));
  }
  for (auto& answer : large) EXPECT_THAT(answer.get(), testing::AnyOf(413, 503, 0));

  std::vector<std::unique_ptr<Dribble>> dribbles;
  for (int i = 0; i < 100; ++i) dribbles.push_back(std::make_unique<Dribble>(port));
  std::vector<net::RawClient> silent;
  for (int i = 0; i < 2000; ++i) {
    silent.emplace_back(static_cast<std::uint16_t>(port));
    dribbles[static_cast<std::size_t>(i) % dribbles.size()]->drop("x");
  }
  EXPECT_TRUE(Caller::is_allowed(*kept));
  EXPECT_EQ(kept->stats().connections_created, 1U) << "it was not given up for others";
  const auto asked = base::Clock::now();
  EXPECT_EQ(cluster.op().probe("/readyz").body, "ok");
  EXPECT_LT(base::Clock::now() - asked, 1s * kSlowness) << "timeoutSeconds of a probe at least";
  EXPECT_TRUE(attacker.is_allowed()) << "behind all of them";

  EXPECT_GT(others.end(), 0);
  EXPECT_LT(others.slowest(), 5s * kSlowness) << "timeoutSeconds of the webhooks";
  EXPECT_LT(cluster.op().peak_memory(), kMemoryLimit * kSlowness);
}

TEST_F(WebhookServer, AnswersBeforeAKindIsReadAndForAWhileAfterItWasToldToStop) {
  volume.put(localhost());
  const std::string kubeconfig = volume.path() / "kubeconfig";
  write_file(kubeconfig, fmt::format(R"({{"current-context": "nobody", "clusters": [
      {{"name": "nobody", "cluster": {{"server": "http://127.0.0.1:{}"}}}}], "contexts": [
      {{"name": "nobody", "context": {{"cluster": "nobody", "user": "nobody"}}}}], "users": [
      {{"name": "nobody", "user": {{}}}}]}})",
                                     free_port()));
  OperatorProcess op({.kubeconfig = kubeconfig,
                      .ns = "default",
                      .log_file = volume.path() / "log",
                      .flags = flags()});
  const auto is_answered = [&] {
    const auto answer = caller().send(review("/mutate-capp"));
    return answer ? is("the answer", answer->status, 200)
                  : testing::AssertionFailure() << answer.error().describe();
  };
  ASSERT_TRUE(eventually(is_answered)) << op.log();
  EXPECT_EQ(op.probe("/readyz").status, 500);
  auto stopped = std::async(std::launch::async, [&] {
    const auto begun = base::Clock::now();
    EXPECT_EQ(op.stop(), 0);
    return base::Clock::now() - begun;
  });
  ASSERT_TRUE(
      eventually([&] { return is("/readyz/webhook", op.probe("/readyz/webhook").status, 500); }));
  EXPECT_TRUE(is_answered());
  EXPECT_LT(stopped.get(), 5s * kSlowness);
}

}  // namespace
}  // namespace test
