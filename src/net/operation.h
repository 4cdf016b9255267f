#pragma once
// Something under way on the io thread that can be ended from outside.

#include <memory>
#include <string>
#include <utility>

#include "base/error.h"
#include "net/exchange_io.h"
#include "net/http.h"

namespace net {

// A request or a stream, from its start to its end. It ends once: with its answer, or because a
// deadline passed, its caller gave up or the loop stops. Whoever waits learns of that at once, even
// while a name resolution, which cannot be interrupted, still holds the coroutine. Io thread only.
class Operation : public std::enable_shared_from_this<Operation> {
 public:
  // The label ("GET host:443/path") begins the message of each error.
  explicit Operation(std::string label) : label_(std::move(label)) {}
  virtual ~Operation() = default;

  // The first call counts. Unless the coroutine has let go of it, the connection is given up: after
  // an operation that was broken off nobody knows what comes next on it.
  void end(base::Result<Response> result) {
    if (std::exchange(ended_, true)) return;
    if (const auto connection = std::exchange(connection_, nullptr)) connection->transport.abort();
    if (!result) result.error().message = label_ + ": " + result.error().message;
    on_ended(std::move(result));
  }
  [[nodiscard]] bool ended() const { return ended_; }

  // The connection that is worked on now, to be given up at the end; null to let go of it.
  void use(std::shared_ptr<Connection> connection) { connection_ = std::move(connection); }

 protected:
  virtual void on_ended(base::Result<Response> result) = 0;

 private:
  std::string label_;
  bool ended_ = false;
  std::shared_ptr<Connection> connection_;
};

}  // namespace net
