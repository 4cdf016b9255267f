#include "net/inflater.h"

#include <array>
#include <new>
#include <zlib.h>

namespace net {
namespace {

constexpr std::size_t kPiece = 16 * 1024;
// zlib's largest window, and 16: expect a gzip header.
constexpr int kGzipWindowBits = 15 + 16;

std::unexpected<base::Error> bad(std::string_view what) {
  return base::fail(base::Reason::kProtocol, "gzip: " + std::string(what));
}

}  // namespace

struct Inflater::State {
  z_stream stream{};
};

Inflater::Inflater() : state_(std::make_unique<State>()) {
  if (inflateInit2(&state_->stream, kGzipWindowBits) != Z_OK) throw std::bad_alloc();
}

Inflater::~Inflater() {
  inflateEnd(&state_->stream);
}

base::Result<void> Inflater::feed(std::string_view compressed, const Sink& sink) {
  z_stream& stream = state_->stream;
  std::array<char, kPiece> piece;
  // zlib does not write to its input; its interface predates const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  bool output_was_full = false;
  while (stream.avail_in > 0 || output_was_full) {
    if (finished_) return bad("bytes after the end");
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = kPiece;
    const int result = inflate(&stream, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      return bad(stream.msg != nullptr ? stream.msg : "broken");
    }
    finished_ = result == Z_STREAM_END;
    output_was_full = stream.avail_out == 0 && !finished_;
    const std::size_t decoded = kPiece - stream.avail_out;
    if (decoded == 0) continue;
    if (auto taken = sink({piece.data(), decoded}); !taken) return taken;
  }
  return {};
}

}  // namespace net
