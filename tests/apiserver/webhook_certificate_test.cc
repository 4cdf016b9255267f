// The operator's own certificate for its webhooks, with the API server as the one who calls them.

#include "runtime/webhook_certificate.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "base/hash.h"
#include "capp/kinds.h"
#include "json/value.h"
#include "kube/config/discover.h"
#include "net/client.h"
#include "runtime/admission_server.h"
#include "runtime/webhook_trust.h"
#include "telemetry/log/encoder.h"
#include "telemetry/log/sink.h"
#include "tests/support/child_process.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

using runtime::kMutatingWebhooks;
using runtime::kSecret;
using runtime::kValidatingWebhooks;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

const runtime::OwnLabel kLabel{.key = "example.org/managed-by", .value = "us"};

class Lines final : public telemetry::log::Sink {
 public:
  void write(std::string_view line) override {
    const base::MutexLock lock(mutex_);
    text_ += line;
  }
  [[nodiscard]] std::string text() const {
    const base::MutexLock lock(mutex_);
    return text_;
  }
  [[nodiscard]] std::size_t count(std::string_view words) const {
    const auto all = text();
    std::size_t found = 0;
    for (auto at = all.find(words); at != std::string::npos; at = all.find(words, at + 1)) ++found;
    return found;
  }

 private:
  mutable base::Mutex mutex_;
  std::string text_ CAPP_GUARDED_BY(mutex_);
};

// One process of several: a server for webhooks, and its certificate.
class Replica {
 public:
  Replica(const std::string& kubeconfig, runtime::WebhookCertificateOptions options, bool leads,
          const std::shared_ptr<Lines>& lines)
      : log_({.sink = lines, .encoder = telemetry::log::console_encoder()}),
        client_(kube::Client::connect(loop_,
                                      kube::discover_config({.kubeconfig = kubeconfig}, {}).value(),
                                      {.user_agent = "test"}, metrics_, log_)
                    .value()),
        server_({.bind_address = "127.0.0.1:" + std::to_string(port), .quiet_period = 0ms},
                {{"/allow",
                  [this](const runtime::AdmissionRequest&) {
                    ++calls;
                    return runtime::AdmissionReply::allow();
                  }}},
                metrics_, log_),
        leads_(leads),
        certificate_(
            std::move(options), *client_, [this] { return leads_.load(); }, metrics_, log_) {
    certificate_.start([this](const net::TlsOptions& tls) {
      auto used = server_.use_certificate(tls);
      const base::MutexLock lock(mutex_);
      if (used) certificate_pem_ = tls.certificate_pem;
      return used;
    });
  }
  ~Replica() { certificate_.stop(); }
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  [[nodiscard]] std::string url() const {
    return "https://127.0.0.1:" + std::to_string(port) + "/allow";
  }
  // What it serves; empty before the first.
  [[nodiscard]] std::string certificate_pem() const {
    const base::MutexLock lock(mutex_);
    return certificate_pem_;
  }
  void lead() {
    leads_ = true;
    certificate_.wake();
  }
  [[nodiscard]] std::string metrics() const { return metrics_.exposition(); }

  const std::uint16_t port = static_cast<std::uint16_t>(free_port());
  std::atomic<int> calls = 0;

 private:
  telemetry::log::Logger log_;
  net::Loop loop_;
  telemetry::metrics::Registry metrics_;
  std::unique_ptr<kube::Client> client_;
  runtime::AdmissionServer server_;
  std::atomic<bool> leads_;
  mutable base::Mutex mutex_;
  std::string certificate_pem_ CAPP_GUARDED_BY(mutex_);
  runtime::WebhookCertificate certificate_;
};

class OwnWebhookCertificate : public testing::Test {
 protected:
  void TearDown() override {
    for (const auto* kind : {&kMutatingWebhooks, &kValidatingWebhooks}) {
      [[maybe_unused]] const auto removed = api.try_remove(*kind, configuration);
    }
    EXPECT_THAT(lines->text(), Not(HasSubstr("PRIVATE KEY")));
  }

  std::unique_ptr<Replica> start(bool leads) {
    return std::make_unique<Replica>(
        cluster.plane.admin_kubeconfig(),
        runtime::WebhookCertificateOptions{.secret = secret,
                                           .label = kLabel,
                                           .field_manager = "test",
                                           .service = "hook",
                                           .mutating_configuration = configuration.name,
                                           .validating_configuration = configuration.name,
                                           .rotation = {.settle = kSettle},
                                           .poll_period = 50ms},
        leads, lines);
  }

  // A configuration by which that replica is asked about each ConfigMap of the namespace.
  void configure(const object::Kind& kind, const Replica& replica) {
    auto body = parse_object(R"({
      "webhooks": [{
        "name": "hook.example.org", "sideEffects": "None", "admissionReviewVersions": ["v1"],
        "failurePolicy": "Fail",
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
                   "resources": ["configmaps"]}]}]})");
    body["apiVersion"] = kind.api_version();
    body["kind"] = kind.kind;
    body["metadata"] = {{"name", configuration.name}};
    auto& webhook = body.at("webhooks").as_array()[0].as_object();
    webhook["clientConfig"] = {{"url", replica.url()}};
    webhook["namespaceSelector"] = {{"matchLabels", {{"kubernetes.io/metadata.name", cluster.ns}}}};
    api.create(kind, {}, body);
  }

  // The API server asks both webhooks.
  base::Result<Api::Object> try_call() {
    return api.try_send({.method = net::Method::kPost,
                         .target = capp::kConfigMap.collection_path(cluster.ns) + "?dryRun=All",
                         .headers = {{"Content-Type", "application/json"}},
                         .body = R"({"apiVersion": "v1", "kind": "ConfigMap",
                                     "metadata": {"generateName": "x-"}})"});
  }
  testing::AssertionResult call() {
    const auto answer = try_call();
    return answer ? testing::AssertionSuccess()
                  : testing::AssertionFailure() << answer.error().describe();
  }
  testing::AssertionResult called(const Replica& replica) {
    const int before = replica.calls;
    auto answered = call();
    if (!answered) return answered;
    return replica.calls > before ? answered : testing::AssertionFailure() << "it was not asked";
  }

  std::string in_secret(std::string_view key) {
    const auto found = api.find(kSecret, secret);
    if (!found) return {};
    return base::base64_decode(json::string_at(*found, {"data", key})).value_or("");
  }
  std::string bundle_of(const object::Kind& kind) {
    return base::base64_decode(
               at(api.get(kind, configuration), "/webhooks/0/clientConfig/caBundle"))
        .value_or("");
  }
  void empty_in_secret(const std::string& key) {
    api.merge_patch(kSecret, secret, R"({"data": {")" + key + R"(": ""}})");
  }
  testing::AssertionResult serves(const Replica& replica, const std::string& certificate_pem) {
    return !certificate_pem.empty() && replica.certificate_pem() == certificate_pem
               ? testing::AssertionSuccess()
               : testing::AssertionFailure() << "it serves\n"
                                             << replica.certificate_pem() << "and not\n"
                                             << certificate_pem;
  }

  // In which the API server is sure to have learned of a new bundle.
  static constexpr auto kSettle = 2s;

  Cluster cluster{ControlPlane::shared()};
  Api& api = cluster.api;
  const object::Key secret = cluster.key("webhook-self-signed-cert");
  const object::Key configuration{.ns = {}, .name = cluster.ns};
  const std::shared_ptr<Lines> lines = std::make_shared<Lines>();
};

TEST_F(OwnWebhookCertificate, IsMadeByTheLeaderServedByAllAndTrustedByTheApiServer) {
  const auto leader = start(true);
  const auto follower = start(false);
  configure(kMutatingWebhooks, *leader);
  configure(kValidatingWebhooks, *follower);
  EXPECT_TRUE(eventually([&] { return call(); }));
  EXPECT_TRUE(called(*leader));
  EXPECT_TRUE(called(*follower));

  const auto made = api.get(kSecret, secret);
  EXPECT_EQ(at(made, "/type"), "kubernetes.io/tls");
  EXPECT_EQ(label(made, kLabel.key), kLabel.value);
  EXPECT_EQ(bundle_of(kMutatingWebhooks), in_secret("ca.crt"));
  EXPECT_EQ(bundle_of(kValidatingWebhooks), in_secret("ca.crt"));
  const auto facts = net::read_certificates(in_secret("tls.crt")).value();
  EXPECT_THAT(facts.at(0).names, testing::ElementsAre("127.0.0.1", "hook." + cluster.ns + ".svc",
                                                      "hook." + cluster.ns + ".svc.cluster.local"));
}

TEST_F(OwnWebhookCertificate, IsThereBeforeItsConfigurations) {
  const auto leader = start(true);
  EXPECT_TRUE(eventually([&] { return serves(*leader, in_secret("tls.crt")); }));
  const auto before = leader->certificate_pem();
  configure(kValidatingWebhooks, *leader);
  // The URL's host is a name that it did not have.
  EXPECT_TRUE(eventually([&] { return called(*leader); }));
  EXPECT_NE(leader->certificate_pem(), before);
  // The one that does not come is looked for every 50 ms, and told of once.
  EXPECT_EQ(lines->count("kind=MutatingWebhookConfiguration"), 1U) << lines->text();
}

TEST_F(OwnWebhookCertificate, IsTrustedAgainWhereSomebodyTakesTheBundleAway) {
  const auto leader = start(true);
  configure(kMutatingWebhooks, *leader);
  ASSERT_TRUE(eventually([&] { return called(*leader); }));
  api.json_patch(kMutatingWebhooks, configuration,
                 R"([{"op": "remove", "path": "/webhooks/0/clientConfig/caBundle"}])");
  EXPECT_TRUE(
      eventually([&] { return is("bundle", bundle_of(kMutatingWebhooks), in_secret("ca.crt")); }));
  EXPECT_TRUE(eventually([&] { return called(*leader); }));
}

TEST_F(OwnWebhookCertificate, IsMadeAnewWhereTheSecretIsDeleted) {
  const auto leader = start(true);
  const auto follower = start(false);
  configure(kValidatingWebhooks, *follower);
  ASSERT_TRUE(eventually([&] { return called(*follower); }));
  const auto authority = in_secret("ca.crt");
  api.remove(kSecret, secret);
  EXPECT_TRUE(eventually([&] { return serves(*follower, in_secret("tls.crt")); }));
  EXPECT_TRUE(serves(*leader, in_secret("tls.crt")));
  EXPECT_NE(in_secret("ca.crt"), authority);
  // The old authority is not trusted any more.
  EXPECT_TRUE(eventually(
      [&] { return is("bundle", bundle_of(kValidatingWebhooks), in_secret("ca.crt")); }));
  EXPECT_THAT(in_secret("ca.crt"), Not(HasSubstr(authority)));
  EXPECT_TRUE(eventually([&] { return called(*follower); }));
}

TEST_F(OwnWebhookCertificate, IsNotWrittenIntoSomebodyElsesSecret) {
  const auto theirs = api.create(kSecret, cluster.ns, parse_object(R"({
      "metadata": {"name": "webhook-self-signed-cert",
                   "labels": {"controller.cert-manager.io/fao": "true"}},
      "type": "kubernetes.io/tls", "data": {"tls.crt": "", "tls.key": ""}})"));
  const auto leader = start(true);
  EXPECT_TRUE(eventually([&] {
    return lines->text().contains("Secret " + secret.to_string() + " is somebody else's")
               ? testing::AssertionSuccess()
               : testing::AssertionFailure() << lines->text();
  }));
  EXPECT_TRUE(throughout(kMoment, [&] {
    return is("resourceVersion", at(api.get(kSecret, secret), "/metadata/resourceVersion"),
              at(theirs, "/metadata/resourceVersion"));
  }));
  EXPECT_EQ(leader->certificate_pem(), "");
  EXPECT_THAT(leader->metrics(), Not(HasSubstr("runtime_webhook_certificate_failures_total 0\n")));

  api.remove(kSecret, secret);
  EXPECT_TRUE(eventually([&] { return serves(*leader, in_secret("tls.crt")); }));
}

TEST_F(OwnWebhookCertificate, IsTheSameForTwoThatBothThinkTheyLead) {
  const auto one = start(true);
  const auto other = start(true);
  EXPECT_TRUE(eventually([&] { return serves(*one, in_secret("tls.crt")); }));
  EXPECT_TRUE(eventually([&] { return serves(*other, in_secret("tls.crt")); }));
  const auto version = at(api.get(kSecret, secret), "/metadata/resourceVersion");
  EXPECT_TRUE(throughout(kMoment, [&] {
    return is("resourceVersion", at(api.get(kSecret, secret), "/metadata/resourceVersion"),
              version);
  }));
}

TEST_F(OwnWebhookCertificate, IsWaitedForByWhoDoesNotLead) {
  const auto replica = start(false);
  EXPECT_TRUE(throughout(
      kMoment, [&] { return is("a Secret", api.find(kSecret, secret).has_value(), false); }));
  replica->lead();
  EXPECT_TRUE(eventually([&] { return serves(*replica, in_secret("tls.crt")); }));
}

// Who calls all the time, and what came of it.
class Callers {
 public:
  using Call = std::function<base::Result<void>()>;

  explicit Callers(const std::vector<Call>& calls) : began_(base::Clock::now()) {
    for (const auto& call : calls) {
      threads_.emplace_back([this, call](const std::stop_token& stop) {
        while (!stop.stop_requested()) note(call());
      });
    }
  }
  // The first failures; empty where there was none.
  std::string stop() {
    for (auto& thread : threads_) thread.request_stop();
    threads_.clear();
    const base::MutexLock lock(mutex_);
    return failures_;
  }
  [[nodiscard]] double rate() const {
    const std::chrono::duration<double> time = base::Clock::now() - began_;
    return count_ / time.count();
  }

 private:
  void note(const base::Result<void>& result) {
    ++count_;
    const base::MutexLock lock(mutex_);
    if (!result && failures_.size() < 4000) failures_ += result.error().describe() + "\n";
  }

  const base::Clock::time_point began_;
  std::atomic<int> count_ = 0;
  base::Mutex mutex_;
  std::string failures_ CAPP_GUARDED_BY(mutex_);
  std::vector<std::jthread> threads_;
};

// The API server keeps its connections, and so seldom meets a new certificate. These calls do what
// it does without one: trust what the configuration says, and connect.
base::Result<void> connect(const Replica& replica, const std::string& bundle) {
  net::Loop loop;
  const auto client = net::Client::create(
      loop, {.host = "127.0.0.1", .port = replica.port, .tls_options = {.ca_pem = bundle}});
  if (!client) return std::unexpected(client.error());
  const auto answer = (*client)->send({.target = "/"});
  if (!answer) return std::unexpected(answer.error());
  return {};
}

TEST_F(OwnWebhookCertificate, ChangesAHundredTimesWithoutAFailedRequest) {
  const auto leader = start(true);
  const auto follower = start(false);
  configure(kMutatingWebhooks, *leader);
  configure(kValidatingWebhooks, *follower);
  ASSERT_TRUE(eventually([&] { return call(); }));
  const auto ask = [&]() -> base::Result<void> {
    const auto answer = try_call();
    if (!answer) return std::unexpected(answer.error());
    return {};
  };
  Callers callers({ask, ask, [&] { return connect(*leader, bundle_of(kMutatingWebhooks)); },
                   [&] { return connect(*follower, bundle_of(kValidatingWebhooks)); }});

  std::set<std::string> served{leader->certificate_pem()};
  std::set<std::string> authorities{in_secret("ca.crt")};
  const auto changed = [&] {
    const auto now = in_secret("tls.crt");
    if (served.contains(now)) return testing::AssertionFailure() << "the same as before";
    if (auto both = serves(*leader, now); !both) return both;
    return serves(*follower, now);
  };
  for (int i = 1; i <= 100; ++i) {
    // Most certificates change alone; some with their authority, in two steps.
    empty_in_secret(i % 25 == 0 ? "ca.key" : "tls.crt");
    ASSERT_TRUE(eventually(changed)) << "change " << i;
    served.insert(leader->certificate_pem());
    authorities.insert(in_secret("ca.crt"));
  }
  EXPECT_EQ(callers.stop(), "");
  EXPECT_GE(callers.rate(), 50.0 / kSlowness);
  EXPECT_EQ(served.size(), 101U);
  EXPECT_EQ(authorities.size(), 5U);
  EXPECT_THAT(leader->metrics(),
              HasSubstr(R"(runtime_webhook_certificate_renewals_total{renewal="authority"} 4)"));
}

}  // namespace
}  // namespace test
