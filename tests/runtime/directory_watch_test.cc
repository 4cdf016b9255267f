#include "runtime/directory_watch.h"

#include <filesystem>
#include <fstream>
#include <future>
#include <sys/resource.h>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "tests/support/certificate_volume.h"

namespace runtime {
namespace {

using namespace std::chrono_literals;

// Longer than any test.
constexpr auto kNever = 24h;
// In which nothing may happen.
constexpr auto kWhile = 300ms;

class DirectoryWatchTest : public ::testing::Test {
 protected:
  void write(const std::string& file) const { std::ofstream(volume.path() / file) << "text"; }
  [[nodiscard]] static base::Clock::duration waited(DirectoryWatch& watch) {
    const auto begun = base::Clock::now();
    watch.wait(kWhile);
    return base::Clock::now() - begun;
  }

  test::CertificateVolume volume;
};

TEST_F(DirectoryWatchTest, TellsOfWhatIsWritten) {
  DirectoryWatch watch(volume.path().string());
  watch.arm();
  write("file");
  watch.wait(kNever);
  EXPECT_GE(waited(watch), kWhile) << "nothing more";
}

TEST_F(DirectoryWatchTest, ForgetsADirectoryThatWasRenamedAway) {
  const auto path = volume.path() / "directory";
  std::filesystem::create_directory(path);
  DirectoryWatch watch(path.string());
  watch.arm();
  std::filesystem::rename(path, volume.path() / "away");
  std::filesystem::create_directory(path);
  watch.wait(kNever);
  write("away/file");
  EXPECT_GE(waited(watch), kWhile) << "of the one before";
  write("directory/file");
  watch.wait(kNever);
}

// For as long as it lives the process gets no further file descriptor.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{.rlim_cur = 0, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

TEST_F(DirectoryWatchTest, IsWokenThoughItGotNoDescriptor) {
  std::optional<DirectoryWatch> watch;
  {
    const NoDescriptors none;
    watch.emplace(volume.path().string());
  }
  auto waiting = std::async(std::launch::async, [&] { watch->wait(20s); });
  EXPECT_EQ(waiting.wait_for(kWhile), std::future_status::timeout);
  watch->wake();
  EXPECT_EQ(waiting.wait_for(10s), std::future_status::ready);
}

}  // namespace
}  // namespace runtime
