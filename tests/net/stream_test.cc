#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "base/mutex.h"
#include "net/client.h"
#include "tests/support/certificates.h"
#include "tests/support/fake_server.h"

namespace net {
namespace {

using test::FakeServer;
using test::Reply;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

// Records what a stream tells, for a test that waits for it.
class Recorder : public StreamHandler {
 public:
  void on_open(const Response& head) override {
    const base::MutexLock lock(mutex_);
    status_ = head.status;
    changed_.notify_all();
  }
  void on_data(std::string_view chunk) override {
    const base::MutexLock lock(mutex_);
    data_ += chunk;
    changed_.notify_all();
  }
  void on_end(base::Result<Response> end) override {
    const base::MutexLock lock(mutex_);
    ends_.push_back(std::move(end));
    changed_.notify_all();
  }

  // What came when at least so many bytes have.
  std::string wait_for_data(std::size_t size) {
    const base::MutexLock lock(mutex_);
    while (data_.size() < size && wait()) continue;
    return data_;
  }
  base::Result<Response> wait_for_end() {
    const base::MutexLock lock(mutex_);
    while (ends_.empty() && wait()) continue;
    return ends_.empty() ? base::fail(base::Reason::kInternal, "no end within 10 s")
                         : ends_.front();
  }
  std::size_t ends() {
    const base::MutexLock lock(mutex_);
    return ends_.size();
  }
  int status() {
    const base::MutexLock lock(mutex_);
    return status_;
  }

 private:
  bool wait() CAPP_REQUIRES(mutex_) {
    return changed_.wait_until(mutex_, deadline_) == std::cv_status::no_timeout;
  }

  const std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::now() + 10s;
  base::Mutex mutex_;
  base::CondVar changed_;
  int status_ CAPP_GUARDED_BY(mutex_) = 0;
  std::string data_ CAPP_GUARDED_BY(mutex_);
  std::vector<base::Result<Response>> ends_ CAPP_GUARDED_BY(mutex_);
};

class StreamTest : public ::testing::Test {
 protected:
  StreamTest() {
    client = Client::create(loop, {.host = "127.0.0.1",
                                   .port = server.port(),
                                   .tls = false,
                                   .limits = {.body_bytes = 100}})
                 .value();
  }
  std::unique_ptr<Stream> watch(StreamOptions options = {},
                                std::chrono::milliseconds timeout = 0ms) {
    return client->open({.target = "/watch", .timeout = timeout}, options, recorder);
  }

  Loop loop;
  FakeServer server;
  std::unique_ptr<Client> client;
  Recorder recorder;
};

TEST_F(StreamTest, HandsOnBytesAsTheyArriveAndEndsCleanly) {
  server.when("GET", "/watch").reply(Reply::chunked(200, {"one\n", "two\n"}).in_pieces(1));
  const auto stream = watch();
  const auto end = recorder.wait_for_end();
  ASSERT_TRUE(end) << end.error().describe();
  EXPECT_EQ(end->status, 200);
  EXPECT_EQ(recorder.wait_for_data(8), "one\ntwo\n");
  EXPECT_EQ(recorder.status(), 200);
}

TEST_F(StreamTest, HandsOnAnEventWhileTheStreamStaysOpen) {
  const Reply whole = Reply::chunked(200, {"event\n", "never sent"});
  server.when("GET", "/watch").reply(Reply(whole).stall_after(whole.bytes.find("never")));
  const auto stream = watch();
  EXPECT_EQ(recorder.wait_for_data(6), "event\n");
  EXPECT_EQ(recorder.ends(), 0U);
  EXPECT_EQ(client->stats().streams, 1U);
}

TEST_F(StreamTest, ABodyIsNotBoundedUnlessAsked) {
  const std::string body(1'000'000, 'x');
  server.when("GET", "/watch").reply(Reply::text(200, body));
  {
    const auto stream = watch();
    EXPECT_TRUE(recorder.wait_for_end());
    EXPECT_TRUE(recorder.wait_for_data(body.size()) == body);
  }
  Recorder bounded;
  const auto stream = client->open({.target = "/watch"}, {.max_body_bytes = 1000}, bounded);
  EXPECT_EQ(bounded.wait_for_end().error().reason, base::Reason::kTooLarge);
}

TEST_F(StreamTest, ReturnsARefusalWithItsBody) {
  server.when("GET", "/watch").reply(Reply::text(410, "{\"reason\":\"Expired\"}"));
  const auto stream = watch();
  const auto end = recorder.wait_for_end();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->status, 410);
  EXPECT_EQ(end->body, "{\"reason\":\"Expired\"}");
  EXPECT_EQ(recorder.status(), 0) << "not opened";
}

TEST_F(StreamTest, BoundsTheBodyOfARefusal) {
  server.when("GET", "/watch").reply(Reply::text(500, std::string(101, 'x')));
  const auto stream = watch();
  EXPECT_EQ(recorder.wait_for_end().error().reason, base::Reason::kTooLarge);
}

TEST_F(StreamTest, SaysWhereAConnectionWasCut) {
  server.when("GET", "/watch").reply(Reply::chunked(200, {"one\n", "two\n"}).cut_after(70));
  const auto stream = watch();
  const auto end = recorder.wait_for_end();
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().reason, base::Reason::kConnection);
  EXPECT_THAT(end.error().message, HasSubstr("/watch"));
}

// F5, R10
TEST_F(StreamTest, EndsWhenNoByteComes) {
  const Reply whole = Reply::chunked(200, {"event\n", "never sent"});
  server.when("GET", "/watch").reply(Reply(whole).stall_after(whole.bytes.find("never")));
  const auto stream = watch({.idle_timeout = 50ms});
  const auto end = recorder.wait_for_end();
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().reason, base::Reason::kTimeout);
  EXPECT_EQ(recorder.wait_for_data(6), "event\n");
  EXPECT_TRUE(server.wait_for_closed(1));
}

TEST_F(StreamTest, EndsWhenTheHeadDoesNotCome) {
  server.when("GET", "/watch").reply(Reply::raw("").stall_after(0));
  const auto stream = watch({.idle_timeout = 50ms});
  EXPECT_EQ(recorder.wait_for_end().error().reason, base::Reason::kTimeout);
}

TEST_F(StreamTest, EndsAtItsOwnTimeout) {
  const Reply whole = Reply::chunked(200, {"event\n", "never sent"});
  server.when("GET", "/watch").reply(Reply(whole).stall_after(whole.bytes.find("never")));
  const auto stream = watch({}, 50ms);
  EXPECT_EQ(recorder.wait_for_end().error().reason, base::Reason::kTimeout);
}

TEST_F(StreamTest, CallsNothingAfterItWasClosed) {
  server.when("GET", "/watch").reply(Reply::raw("").stall_after(0));
  const auto stream = watch();
  ASSERT_TRUE(server.wait_for_requests(1));
  stream->close();
  stream->close();
  EXPECT_TRUE(server.wait_for_closed(1));
  EXPECT_EQ(recorder.ends(), 0U);
  EXPECT_EQ(client->stats().streams, 0U);
}

TEST_F(StreamTest, MayBeClosedByItsHandler) {
  server.when("GET", "/watch").reply(Reply::chunked(200, {"one\n", "two\n"}).in_pieces(1));
  struct ClosesAtOnce : Recorder {
    void on_data(std::string_view chunk) override {
      Recorder::on_data(chunk);
      stream->close();
    }
    std::unique_ptr<Stream> stream;
  } handler;
  loop.post([&] { handler.stream = client->open({.target = "/watch"}, {}, handler); });
  ASSERT_TRUE(server.wait_for_closed(1));
  EXPECT_THAT(handler.wait_for_data(1), ::testing::Not(HasSubstr("two")));
  EXPECT_EQ(handler.ends(), 0U);
}

TEST_F(StreamTest, EndsWhenTheLoopStops) {
  server.when("GET", "/watch").reply(Reply::raw("").stall_after(0));
  const auto stream = watch();
  ASSERT_TRUE(server.wait_for_requests(1));
  loop.stop();
  EXPECT_EQ(recorder.wait_for_end().error().reason, base::Reason::kCancelled);
}

TEST_F(StreamTest, DoesNotTakeAPlaceInTheWindow) {
  server.when("GET", "/watch").reply(Reply::raw("").stall_after(0));
  server.when("GET", "/").reply(Reply::text(200, "ok"));
  client->set_window(1);
  const auto stream = watch();
  ASSERT_TRUE(server.wait_for_requests(1));
  EXPECT_TRUE(client->send({.target = "/"}));
}

TEST_F(StreamTest, ReportsARefusedCertificate) {
  const test::CertificateAuthority authority;
  const FakeServer secure(localhost_identity(authority));
  const auto other = Client::create(loop, {.host = "127.0.0.1", .port = secure.port()}).value();
  const auto stream = other->open({.target = "/watch"}, {}, recorder);
  EXPECT_EQ(recorder.wait_for_end().error().reason, base::Reason::kTls);
}

}  // namespace
}  // namespace net
