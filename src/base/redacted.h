#pragma once
// A secret that does not get into logs, errors or events by accident.

#include <ostream>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace base {

inline constexpr std::string_view kRedacted = "[redacted]";

// Holds a secret (a token, a key, a password). Printed by fmt, by streams and by the logger it is
// "[redacted]"; only reveal() gives the value, so that a search for it finds every use.
template <class T>
class Redacted {
 public:
  Redacted() = default;
  explicit Redacted(T secret) : secret_(std::move(secret)) {}

  [[nodiscard]] const T& reveal() const { return secret_; }

  friend bool operator==(const Redacted&, const Redacted&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Redacted&) { return out << kRedacted; }

 private:
  T secret_{};
};

}  // namespace base

template <class T>
struct fmt::formatter<base::Redacted<T>> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(const base::Redacted<T>&, Context& context) const {
    return fmt::formatter<std::string_view>::format(base::kRedacted, context);
  }
};
