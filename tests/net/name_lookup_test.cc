#include "net/name_lookup.h"

#include <arpa/inet.h>
#include <array>
#include <cstdlib>
#include <functional>
#include <map>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace net {
namespace {

constexpr unsigned char kA = 1;
constexpr unsigned char kCname = 5;
constexpr unsigned char kAaaa = 28;

// How a server answers one type of question.
struct Zone {
  unsigned char code = 0;         // 0 NOERROR, 2 SERVFAIL, 3 NXDOMAIN
  unsigned char record_type = 0;  // of the only record in the answer; 0: there is none
  std::string data{};             // of that record
  bool cut = false;               // it says that the rest is to be had by TCP
};

// A DNS server on 127.0.0.1 that answers each question by its type, and not at all those of a type
// that it does not know. By TCP it takes connections and is silent.
class FakeDns {
 public:
  explicit FakeDns(std::map<unsigned char, Zone> zones) : zones_(std::move(zones)) {
    silent_ = bound_socket(SOCK_STREAM);
    if (::listen(silent_, 8) != 0) throw std::runtime_error("no DNS server by TCP");
    socket_ = bound_socket(SOCK_DGRAM);
    thread_ = std::jthread([this] { serve(); });
  }
  ~FakeDns() {
    ::shutdown(socket_, SHUT_RDWR);  // ends recvfrom
    thread_.join();
    ::close(socket_);
    ::close(silent_);
  }
  FakeDns(const FakeDns&) = delete;
  FakeDns& operator=(const FakeDns&) = delete;

  [[nodiscard]] NameServer server() const { return {.address = "127.0.0.1", .port = port_}; }

 private:
  // At port_; the first one chooses it.
  int bound_socket(int type) {
    const int made = ::socket(AF_INET, type, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(made, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(made, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no port for a DNS server");
    }
    port_ = ntohs(address.sin_port);
    return made;
  }

  void serve() {
    for (;;) {
      std::array<char, 512> buffer{};
      sockaddr_in peer{};
      socklen_t size = sizeof peer;
      const auto received = ::recvfrom(socket_, buffer.data(), buffer.size(), 0,
                                       reinterpret_cast<sockaddr*>(&peer), &size);
      if (received <= 12) return;
      const auto answer = answer_to({buffer.data(), static_cast<std::size_t>(received)});
      if (answer.empty()) continue;
      ::sendto(socket_, answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&peer), size);
    }
  }

  // RFC 1035, 4.1.
  [[nodiscard]] std::string answer_to(std::string question) const {
    const std::size_t end_of_name = question.find('\0', 12);
    const auto zone = zones_.find(static_cast<unsigned char>(question[end_of_name + 2]));
    if (zone == zones_.end()) return {};
    question.resize(end_of_name + 5);  // without additional records
    question[2] = zone->second.cut ? '\x83' : '\x81';
    question[3] = static_cast<char>(0x80 | zone->second.code);
    question[10] = question[11] = '\0';
    if (zone->second.record_type == 0) return question;
    question[7] = '\1';
    question += std::string("\xc0\x0c\0", 3);  // the name of the question
    question += static_cast<char>(zone->second.record_type);
    question += std::string("\0\1\0\0\0\x3c\0", 7);
    question += static_cast<char>(zone->second.data.size());
    return question + zone->second.data;
  }

  std::map<unsigned char, Zone> zones_;
  int socket_ = -1;
  int silent_ = -1;
  std::uint16_t port_ = 0;
  std::jthread thread_;
};

const std::string kAddress = "\x7f\x01\x01\x01";
const std::string kAddress6(16, '\1');
const std::string kElsewhere = std::string("\4gone\3dev\0", 10);

base::Result<NameState> look_up_in(std::map<unsigned char, Zone> zones) {
  const FakeDns dns(std::move(zones));
  return look_up("web.example.com", dns.server());
}

TEST(NameLookup, FindsAnAddress) {
  const auto found = look_up_in({{kA, {.record_type = kA, .data = kAddress}}});
  ASSERT_TRUE(found) << found.error().describe();
  EXPECT_EQ(*found, NameState::kInUse);
}

TEST(NameLookup, FindsAnAddressOfIpv6Only) {
  const auto found = look_up_in({{kA, {}}, {kAaaa, {.record_type = kAaaa, .data = kAddress6}}});
  ASSERT_TRUE(found) << found.error().describe();
  EXPECT_EQ(*found, NameState::kInUse);
}

TEST(NameLookup, FindsAnAliasThatLeadsNowhere) {
  const auto found = look_up_in({{kA, {.code = 3, .record_type = kCname, .data = kElsewhere}}});
  ASSERT_TRUE(found) << found.error().describe();
  EXPECT_EQ(*found, NameState::kInUse);
}

TEST(NameLookup, TakesANameThatIsNotThereForFree) {
  const auto found = look_up_in({{kA, {.code = 3}}, {kAaaa, {.code = 3}}});
  ASSERT_TRUE(found) << found.error().describe();
  EXPECT_EQ(*found, NameState::kFree);
}

TEST(NameLookup, TakesANameWithoutAddressesForFree) {
  const auto found = look_up_in({{kA, {}}, {kAaaa, {}}});
  ASSERT_TRUE(found) << found.error().describe();
  EXPECT_EQ(*found, NameState::kFree);
}

TEST(NameLookup, SaysThatAServerFails) {
  const auto found = look_up_in({{kA, {.code = 2}}});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().reason, base::Reason::kUnavailable);
}

TEST(NameLookup, DoesNotWaitForAServerThatIsSilent) {
  const auto begin = std::chrono::steady_clock::now();
  const auto found = look_up_in({});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message, "looking up web.example.com in DNS: no server answers");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kLookUpTimeout);
}

TEST(NameLookup, DoesNotAskForTheRestOfAnAnswer) {
  const auto found = look_up_in({{kA, {.record_type = kA, .data = kAddress, .cut = true}}});
  ASSERT_TRUE(found) << found.error().describe();
  EXPECT_EQ(*found, NameState::kInUse);
  const auto unknown = look_up_in({{kA, {.cut = true}}});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "looking up web.example.com in DNS: the answer is cut off");
}

TEST(NameLookup, AsksByUdpWhateverResolvConfSays) {
  ::setenv("RES_OPTIONS", "use-vc", 1);
  const auto found = look_up_in({{kA, {.record_type = kA, .data = kAddress}}});
  ::unsetenv("RES_OPTIONS");
  ASSERT_TRUE(found) << found.error().describe();
  EXPECT_EQ(*found, NameState::kInUse);
}

TEST(NameLookup, RefusesWhatIsNoAddressOfAServer) {
  EXPECT_FALSE(look_up("web.example.com", NameServer{.address = "localhost"}));
}

}  // namespace
}  // namespace net
