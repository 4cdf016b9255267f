#include "net/session_table.h"

#include <algorithm>

#include "net/server_session.h"

namespace net {
namespace {

using Session = std::shared_ptr<ServerSession>;

// The one that has been in `stage` for longest, of those that `counts`; null where there is none.
template <class Sessions, class Counts>
Session oldest(const Sessions& sessions, ServerSession::Stage stage, Counts counts) {
  Session found;
  for (const auto& session : sessions) {
    if (session->stage() != stage || !counts(*session)) continue;
    if (!found || session->stage_since() < found->stage_since()) found = session;
  }
  return found;
}

}  // namespace

void SessionTable::add(std::shared_ptr<ServerSession> session) {
  sessions_.insert(std::move(session));
}

bool SessionTable::give_one_up(base::Clock::time_point now) {
  const auto any = [](const ServerSession&) { return true; };
  if (const auto arriving = oldest(sessions_, ServerSession::Stage::kArriving, any)) {
    if (now - arriving->stage_since() < kPatience) return false;
    give_up(arriving);
    return true;
  }
  const auto idle = oldest(sessions_, ServerSession::Stage::kIdle, any);
  if (idle) give_up(idle);
  return idle != nullptr;
}

bool SessionTable::admit_large(const ServerSession& session, base::Clock::time_point now) {
  const auto large = [](const Session& other) { return other->large(); };
  const auto count = static_cast<std::size_t>(std::ranges::count_if(sessions_, large));
  if (count < limits_.max_large_requests) return true;
  const auto arriving =
      oldest(sessions_, ServerSession::Stage::kArriving,
             [&](const ServerSession& other) { return other.large() && &other != &session; });
  if (!arriving || now - arriving->stage_since() < kPatience) return false;
  give_up(arriving);
  return true;
}

void SessionTable::give_up(const Session& session) {
  session->cut();
  sessions_.erase(session);
}

void SessionTable::drain() {
  for (const auto& session : sessions_) session->drain();
}

void SessionTable::cut() {
  for (const auto& session : sessions_) session->cut();
}

}  // namespace net
