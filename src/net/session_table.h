#pragma once
// The connections of one server, and who has to go when there are too many.

#include <cstddef>
#include <memory>
#include <set>

#include "base/clock.h"

namespace net {

class ServerSession;

struct SessionLimits {
  std::size_t max_connections;
  std::size_t max_large_requests;
};

// Io thread only.
//
// A client that sends a byte a second, or nothing, costs as much as one that is served, and a
// thousand of them must not keep anybody out. So a full table gives up a connection that keeps
// waiting: of those whose request is not complete (a TLS handshake counts as one) the oldest, and
// where there is none, the one idle for longest. One that is being answered stays.
class SessionTable {
 public:
  explicit SessionTable(const SessionLimits& limits) : limits_(limits) {}

  [[nodiscard]] bool full() const { return sessions_.size() >= limits_.max_connections; }
  [[nodiscard]] std::size_t size() const { return sessions_.size(); }
  void add(std::shared_ptr<ServerSession> session);
  void remove(const std::shared_ptr<ServerSession>& session) { sessions_.erase(session); }

  // Gives one up; false where there is none that may go. A request that is arriving has kPatience
  // to arrive first, so that a flood of connections slows the accepting of others down instead of
  // breaking every handshake off.
  bool give_one_up(base::Clock::time_point now);
  static constexpr std::chrono::milliseconds kPatience{300};

  // May the body of this session's request become a large one? Where there are as many as there
  // may be, one that is still arriving is given up as above; false where none may go.
  bool admit_large(const ServerSession& session, base::Clock::time_point now);

  // See ServerSession.
  void drain();
  void cut();

 private:
  using Sessions = std::set<std::shared_ptr<ServerSession>>;
  void give_up(const std::shared_ptr<ServerSession>& session);

  const SessionLimits limits_;
  Sessions sessions_;
};

}  // namespace net
