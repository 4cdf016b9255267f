// Webhooks go on being answered while the certificate that they are served with changes.

#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "net/client.h"
#include "tests/support/own_webhooks.h"

namespace test {
namespace {

using runtime::kMutatingWebhooks;
using runtime::kValidatingWebhooks;
using ::testing::HasSubstr;

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
base::Result<void> connect(const WebhookReplica& replica, const std::string& bundle) {
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
  ASSERT_TRUE(eventually([&] { return called(*leader); }));
  const auto ask = [&] { return call(); };
  Callers callers({ask, ask, [&] { return connect(*leader, bundle_of(kMutatingWebhooks)); },
                   [&] { return connect(*follower, bundle_of(kValidatingWebhooks)); }});

  std::set<std::string> served{leader->certificate_pem()};
  std::set<std::string> authorities{in_secret("ca.crt")};
  const auto changed = [&] {
    return served.contains(leader->certificate_pem())
               ? testing::AssertionFailure() << "the same as before"
               : testing::AssertionSuccess();
  };
  for (int i = 1; i <= 100; ++i) {
    // Most certificates change alone; two with their authority, in two steps.
    empty_in_secret(i % 50 == 0 ? "ca.key" : "tls.crt");
    leader->look();
    ASSERT_TRUE(eventually(changed)) << "change " << i;
    follower->look();
    ASSERT_TRUE(eventually([&] { return serves(*follower, leader->certificate_pem()); }))
        << "change " << i;
    served.insert(leader->certificate_pem());
    authorities.insert(in_secret("ca.crt"));
  }
  EXPECT_EQ(callers.stop(), "");
  EXPECT_GE(callers.rate(), 50.0 / kSlowness);
  EXPECT_EQ(served.size(), 101U);
  EXPECT_EQ(authorities.size(), 3U);
  EXPECT_THAT(leader->metrics(),
              HasSubstr(R"(runtime_webhook_certificate_renewals_total{renewal="authority"} 2)"));
}

}  // namespace
}  // namespace test
