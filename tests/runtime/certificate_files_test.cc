// R49 and F21: what the kubelet, cert-manager and people do to certificate files.

#include "runtime/certificate_files.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/mutex.h"
#include "net/self_signed.h"
#include "tests/support/certificate_volume.h"
#include "tests/support/certificates.h"

namespace runtime {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// What no test waits for: changes are told, or the test fails.
constexpr auto kNever = 24h;
constexpr auto kPatience = 20s;

void write(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

// Takes what belongs together, as a server does, and remembers it.
class Consumer {
 public:
  base::Result<void> take(const net::TlsOptions& pair) {
    const base::MutexLock lock(mutex_);
    const bool usable =
        net::is_key_pair({.certificate_pem = pair.certificate_pem,
                          .private_key_pem = base::Redacted<std::string>(pair.private_key_pem)});
    ++asked_;
    changed_.notify_all();
    if (!usable) return base::fail(base::Reason::kTls, "the key does not match");
    taken_.push_back(pair.certificate_pem);
    return {};
  }
  // The certificates taken, once there are so many.
  std::vector<std::string> taken(std::size_t count) {
    const base::MutexLock lock(mutex_);
    const auto deadline = base::Clock::now() + kPatience;
    while (taken_.size() < count &&
           changed_.wait_until(mutex_, deadline) == std::cv_status::no_timeout) {
      continue;
    }
    return taken_;
  }
  bool await_asked(std::size_t count) {
    const base::MutexLock lock(mutex_);
    const auto deadline = base::Clock::now() + kPatience;
    while (asked_ < count && changed_.wait_until(mutex_, deadline) == std::cv_status::no_timeout) {
      continue;
    }
    return asked_ >= count;
  }

 private:
  base::Mutex mutex_;
  base::CondVar changed_;
  std::vector<std::string> taken_ CAPP_GUARDED_BY(mutex_);
  std::size_t asked_ CAPP_GUARDED_BY(mutex_) = 0;
};

class CertificateFilesTest : public ::testing::Test {
 protected:
  void start(std::chrono::milliseconds poll_period = kNever) { start_in(directory, poll_period); }
  void start_in(const fs::path& where, std::chrono::milliseconds poll_period) {
    files = std::make_unique<CertificateFiles>(
        CertificateFilesOptions{.directory = where.string(), .poll_period = poll_period}, metrics,
        telemetry::log::discarding_logger());
    files->start([this](const net::TlsOptions& pair) { return consumer.take(pair); });
  }
  [[nodiscard]] net::TlsOptions a_pair() const { return localhost_identity(authority); }
  [[nodiscard]] double counted(const std::string& name) const {
    const std::string text = metrics.exposition();
    const auto at = text.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
  }
  [[nodiscard]] double errors() const {
    return counted("certwatcher_read_certificate_errors_total");
  }

  test::CertificateAuthority authority;
  telemetry::metrics::Registry metrics;
  Consumer consumer;
  test::CertificateVolume volume;
  const fs::path& directory = volume.path();
  std::unique_ptr<CertificateFiles> files;
};

TEST_F(CertificateFilesTest, GivesThePairThatIsThereBeforeStartReturns) {
  const auto pair = a_pair();
  test::write_certificate_files(directory, pair);
  start();
  files->stop();
  EXPECT_THAT(consumer.taken(1), testing::ElementsAre(pair.certificate_pem));
  EXPECT_EQ(counted("certwatcher_read_certificate_total"), 1);
  EXPECT_EQ(errors(), 0);
}

TEST_F(CertificateFilesTest, WaitsForOneThatIsNotThereYetWhichIsNoError) {
  start();
  EXPECT_EQ(counted("certwatcher_read_certificate_total"), 0);
  EXPECT_TRUE(files->last_look());
  const auto pair = a_pair();
  volume.put(pair);
  EXPECT_THAT(consumer.taken(1), testing::ElementsAre(pair.certificate_pem));
  EXPECT_EQ(errors(), 0);
}

TEST_F(CertificateFilesTest, WaitsForADirectoryThatIsNotThereYet) {
  start_in(directory / "later", 20ms);
  const auto pair = a_pair();
  fs::create_directory(directory / "new");
  test::write_certificate_files(directory / "new", pair);
  fs::rename(directory / "new", directory / "later");
  EXPECT_THAT(consumer.taken(1), testing::ElementsAre(pair.certificate_pem));
}

TEST_F(CertificateFilesTest, FollowsTheKubeletsSwapOfASymbolicLink) {
  const std::vector<net::TlsOptions> pairs{a_pair(), a_pair(), a_pair()};
  volume.put(pairs[0]);
  start();
  volume.put(pairs[1]);
  ASSERT_EQ(consumer.taken(2).size(), 2U);
  volume.put(pairs[2]);
  EXPECT_THAT(consumer.taken(3),
              testing::ElementsAre(pairs[0].certificate_pem, pairs[1].certificate_pem,
                                   pairs[2].certificate_pem));
  EXPECT_EQ(errors(), 0);
}

TEST_F(CertificateFilesTest, FindsByPollingWhatChangesBehindALink) {
  const auto elsewhere = directory / "elsewhere";
  const auto linked = directory / "linked";
  fs::create_directory(elsewhere);
  fs::create_directory(linked);
  test::write_certificate_files(elsewhere, a_pair());
  fs::create_symlink(elsewhere / "tls.crt", linked / "tls.crt");
  fs::create_symlink(elsewhere / "tls.key", linked / "tls.key");
  start_in(linked, 20ms);
  const auto next = a_pair();
  test::write_certificate_files(elsewhere, next);
  EXPECT_EQ(consumer.taken(2).back(), next.certificate_pem);
}

TEST_F(CertificateFilesTest, KeepsTheOldPairWhileTheNewOneCannotBeUsed) {
  const auto old = a_pair();
  const auto next = a_pair();
  test::write_certificate_files(directory, old);
  start(5ms);
  const auto goes_wrong = [&](const std::string& what) {
    const double before = errors();
    const auto deadline = base::Clock::now() + kPatience;
    while (errors() < before + 2 && base::Clock::now() < deadline) std::this_thread::yield();
    EXPECT_GE(errors(), before + 2) << what << " is tried again and counted";
    EXPECT_THAT(consumer.taken(1), testing::ElementsAre(old.certificate_pem)) << what;
  };
  write(directory / "tls.crt", next.certificate_pem.substr(0, 200));
  goes_wrong("a half-written certificate");
  write(directory / "tls.crt", "");
  goes_wrong("an empty file");
  write(directory / "tls.crt", next.certificate_pem);
  goes_wrong("a certificate with the old key");
  test::write_certificate_files(directory,
                                authority.issue({.dns_names = {"localhost"}, .expired = true}));
  goes_wrong("an expired pair");
  fs::remove(directory / "tls.key");
  goes_wrong("a missing key");
  test::write_certificate_files(directory, next);
  EXPECT_THAT(consumer.taken(2), testing::ElementsAre(old.certificate_pem, next.certificate_pem));
}

TEST_F(CertificateFilesTest, TakesOneWithoutTheOtherForAMistake) {
  write(directory / "tls.key", a_pair().private_key_pem);
  start();
  EXPECT_EQ(errors(), 1);
  ASSERT_FALSE(files->last_look());
  EXPECT_THAT(files->last_look().error().message, testing::HasSubstr("tls.crt"));
}

TEST_F(CertificateFilesTest, TriesAgainWhatWasNotTaken) {
  auto pair = a_pair();
  const auto key = std::exchange(pair.private_key_pem, a_pair().private_key_pem);
  test::write_certificate_files(directory, pair);
  start(5ms);
  EXPECT_TRUE(consumer.await_asked(3));
  write(directory / "tls.key", key);
  EXPECT_THAT(consumer.taken(1), testing::ElementsAre(pair.certificate_pem));
}

TEST_F(CertificateFilesTest, GivesNothingThatIsInUseAlready) {
  const auto pair = a_pair();
  test::write_certificate_files(directory, pair);
  start(5ms);
  test::write_certificate_files(directory, pair);
  const double read = counted("certwatcher_read_certificate_total");
  const auto deadline = base::Clock::now() + kPatience;
  while (counted("certwatcher_read_certificate_total") < read + 3) {
    ASSERT_LT(base::Clock::now(), deadline);
    std::this_thread::yield();
  }
  files->stop();
  EXPECT_EQ(consumer.taken(1).size(), 1U);
}

}  // namespace
}  // namespace runtime
