#pragma once
// An HTTP server that can misbehave, one thread a connection, on 127.0.0.1.
//
//   FakeServer server;
//   server.when("GET", "/pods").reply(Reply::text(200, "{}")).then(Reply::text(200,
//   "{}").cut_after(10));

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "net/http.h"
#include "net/tls.h"

namespace test {

// The bytes of one answer, and how they are sent. Unless told otherwise the connection is kept.
struct Reply {
  static Reply text(int status, std::string_view body, std::vector<net::Header> headers = {});
  // Each element is one chunk.
  static Reply chunked(int status, const std::vector<std::string>& chunks,
                       std::vector<net::Header> headers = {});
  // These bytes as they are.
  static Reply raw(std::string bytes);
  // 200 to a CONNECT, then bytes both ways.
  static Reply tunnel_to(std::uint16_t port);

  // So many bytes a write.
  Reply in_pieces(std::size_t bytes) &&;
  // Closes the connection (FIN; TLS: without close_notify) after the first so many bytes.
  Reply cut_after(std::size_t bytes) &&;
  // Sends so many bytes, then none, until the client closes.
  Reply stall_after(std::size_t bytes) &&;
  // Closes in an orderly way after all of it.
  Reply then_close() &&;
  // Does not read the body of the request.
  Reply before_the_body() &&;
  // Begins only after FakeServer::release().
  Reply held() &&;

  enum class End { kKeep, kClose, kCut, kStall };
  std::string bytes;
  std::size_t piece = std::string::npos;
  End end = End::kKeep;
  bool waits_for_release = false;
  bool ignores_body = false;
  std::uint16_t tunnel_port = 0;
};

struct SeenRequest {
  std::string method;
  std::string target;
  std::vector<net::Header> headers;
  std::string body;
  // 1 for the first connection that was accepted.
  std::size_t connection = 0;

  [[nodiscard]] std::string_view header(std::string_view name) const {
    return net::find_header(headers, name);
  }
};

class FakeServer {
 public:
  // With a CA in the options a client certificate is demanded.
  explicit FakeServer(std::optional<net::TlsOptions> tls = std::nullopt);
  ~FakeServer();
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  class Rule {
   public:
    // One answer a request, in the order given; the last one stays.
    Rule& reply(Reply reply) { return then(std::move(reply)); }
    Rule& then(Reply reply);

   private:
    friend class FakeServer;
    [[nodiscard]] bool is_for(const SeenRequest& request) const;
    Rule(FakeServer& server, std::string method, std::string target)
        : server_(server), method_(std::move(method)), target_(std::move(target)) {}
    FakeServer& server_;
    std::string method_;
    std::string target_;
    std::deque<Reply> replies_;
  };
  // A request that no rule is made for is answered 404. "/pods?*" is for every query.
  Rule& when(std::string method, std::string target);
  // Lets one held reply go on, now or when it comes.
  void release();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::vector<SeenRequest> requests() const;
  // Accepted so far.
  [[nodiscard]] std::size_t connections() const;
  // True when so many requests were seen (connections were closed) within 10 s.
  [[nodiscard]] bool wait_for_requests(std::size_t count) const;
  [[nodiscard]] bool wait_for_closed(std::size_t count) const;
  // Closes the connections that wait for a request, as an API server does that goes down.
  void close_connections();

 private:
  class Peer;
  void accept();
  void serve(int socket, std::size_t number);
  bool answer(Peer& peer, const Reply& reply);
  void tunnel(Peer& peer, std::uint16_t port);
  Reply reply_for(const SeenRequest& request);
  void note(SeenRequest request);
  bool wait_for(const std::function<bool()>& condition) const CAPP_REQUIRES(mutex_);

  const std::optional<net::TlsOptions> tls_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable base::Mutex mutex_;
  mutable base::CondVar changed_;
  std::list<Rule> rules_ CAPP_GUARDED_BY(mutex_);
  std::vector<SeenRequest> requests_ CAPP_GUARDED_BY(mutex_);
  std::vector<int> open_ CAPP_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ CAPP_GUARDED_BY(mutex_);
  std::size_t accepted_ CAPP_GUARDED_BY(mutex_) = 0;
  std::size_t closed_ CAPP_GUARDED_BY(mutex_) = 0;
  std::size_t releases_ CAPP_GUARDED_BY(mutex_) = 0;
  bool stopping_ CAPP_GUARDED_BY(mutex_) = false;
  std::thread acceptor_;
};

}  // namespace test
