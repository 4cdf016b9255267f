#pragma once
// The client of one API server: requests of kube/request.h with credentials, retries and flow
// control.

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "kube/config/config.h"
#include "net/client.h"
#include "net/http.h"
#include "net/loop.h"
#include "telemetry/log/logger.h"
#include "telemetry/metrics/registry.h"

namespace kube {

struct ClientOptions {
  std::string user_agent;
  // Requests in flight at most; the adaptive window moves between 1 and this.
  std::size_t max_in_flight = 16;
  // How often a request that is told to come again is sent again (client-go's maxRetries). 0 where
  // it matters whether the first one took effect.
  int max_retries = 10;
  // Asked on the io thread right before a request that changes something (kube::is_write) goes out;
  // an error refuses it. Empty: nothing is refused.
  std::function<base::Result<void>()> fence{};
};

// Safe to use from several threads. There is no client-side rate limit: the API server's priority
// and fairness is obeyed instead (R54). An answer of 429, or of 5xx with Retry-After, is sent again
// after that time, as client-go does, within the request's timeout. A 5xx may have taken effect
// (etcd's time-out has a Retry-After, too): what is sent again then meets its own first write, as a
// conflict. A 401 makes the credentials be read anew, once. The window of requests in
// flight is halved by a 429 and grows by one for each full window of answers.
class Client {
 public:
  static base::Result<std::unique_ptr<Client>> connect(net::Loop& loop, Config config,
                                                       const ClientOptions& options,
                                                       telemetry::metrics::Registry& metrics,
                                                       const telemetry::log::Logger& log);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Blocks (any thread but io). Every answer but 2xx is an error, with the server's own words.
  base::Result<net::Response> send(net::Request request, std::stop_token stop = {});
  // Side by side, as far as the window allows; results in the order given.
  std::vector<base::Result<net::Response>> send_all(std::vector<net::Request> requests,
                                                    std::stop_token stop = {});
  // Asks the fence about what waits or is under way, too; what it refuses is cancelled with its
  // error. Once it returns, nothing of that is sent any more. Any thread; blocks until the io
  // thread has done it.
  void enforce_fence();
  // A list or a watch on a connection of its own; see net::Client::open. Not retried.
  [[nodiscard]] std::unique_ptr<net::Stream> open(const net::Request& request,
                                                  net::StreamOptions options,
                                                  net::StreamHandler& handler);
  // To be called with the status of each stream's answer: counts it, and a 401 makes the
  // credentials be read anew.
  void answered(int status, base::Clock::time_point requested_at);

 private:
  class Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kube
