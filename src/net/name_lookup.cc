#include "net/name_lookup.h"

#include <algorithm>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <resolv.h>
#include <span>
#include <string_view>

#include <fmt/format.h>

namespace net {
namespace {

// See kLookUpTimeout.
constexpr int kSeconds = 1;
constexpr int kServers = 2;

// What UDP carries. A longer answer is cut to it, and its beginning says enough.
using Message = std::array<unsigned char, 4096>;

base::Error unavailable(const std::string& name, std::string_view why) {
  return {.reason = base::Reason::kUnavailable,
          .message = fmt::format("looking up {} in DNS: {}", name, why)};
}

// glibc's resolver with a state of its own: its global one is no option for a thread.
class Resolver {
 public:
  explicit Resolver(const std::optional<NameServer>& server) {
    ready_ = res_ninit(&state_) == 0;
    state_.retrans = kSeconds;
    state_.retry = 1;
    // glibc's TCP has no time-out of its own: neither for an answer that is cut, nor where
    // resolv.conf asks for it.
    state_.options = (state_.options | RES_IGNTC) & ~static_cast<unsigned long>(RES_USEVC);
    state_.nscount = std::min(state_.nscount, kServers);
    if (ready_ && server) ready_ = ask_only(*server);
  }
  ~Resolver() { res_nclose(&state_); }
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // kInUse where the answer has any record, also where the alias in it leads nowhere (RFC 6604).
  base::Result<NameState> ask(const std::string& name, ns_type type) {
    if (!ready_) return std::unexpected(unavailable(name, "the resolver cannot be set up"));
    Message question{};
    const int asked = res_nmkquery(&state_, ns_o_query, name.c_str(), ns_c_in, type, nullptr, 0,
                                   nullptr, question.data(), question.size());
    if (asked < 0) return std::unexpected(unavailable(name, "it is no name"));
    Message answer{};
    const int received = res_nsend(&state_, question.data(), asked, answer.data(), answer.size());
    if (received < static_cast<int>(sizeof(HEADER))) {
      return std::unexpected(unavailable(name, "no server answers"));
    }
    return read(name, answer);
  }

 private:
  bool ask_only(const NameServer& server) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port);
    state_.nscount = 1;
    const bool valid = inet_pton(AF_INET, server.address.c_str(), &address.sin_addr) == 1;
    state_.nsaddr_list[0] = address;
    return valid;
  }

  static base::Result<NameState> read(const std::string& name, const Message& answer) {
    HEADER header{};
    std::copy_n(answer.begin(), sizeof header, reinterpret_cast<unsigned char*>(&header));
    if (ntohs(header.ancount) > 0) return NameState::kInUse;
    if (header.tc != 0) return std::unexpected(unavailable(name, "the answer is cut off"));
    if (header.rcode == ns_r_noerror || header.rcode == ns_r_nxdomain) return NameState::kFree;
    return std::unexpected(
        unavailable(name, fmt::format("the server answers with code {}", +header.rcode)));
  }

  struct __res_state state_{};
  bool ready_ = false;
};

}  // namespace

base::Result<NameState> look_up(const std::string& name, const std::optional<NameServer>& server) {
  Resolver resolver(server);
  const auto by_ipv4 = resolver.ask(name, ns_t_a);
  if (!by_ipv4 || *by_ipv4 == NameState::kInUse) return by_ipv4;
  return resolver.ask(name, ns_t_aaaa);
}

}  // namespace net
