#pragma once
// gzip, decoded as it arrives.

#include <functional>
#include <memory>
#include <string_view>

#include "base/error.h"

namespace net {

// Holds one zlib state (40 KB) and no decoded bytes: what a compressed bomb unfolds to is bounded
// by the sink, which sees it in pieces of at most 16 KiB.
class Inflater {
 public:
  using Sink = std::function<base::Result<void>(std::string_view)>;

  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // kProtocol when the bytes are not gzip, or go on after its end; else the sink's error.
  base::Result<void> feed(std::string_view compressed, const Sink& sink);
  // True once the gzip trailer was seen and its checksum held.
  [[nodiscard]] bool finished() const { return finished_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  bool finished_ = false;
};

}  // namespace net
