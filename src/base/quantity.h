#pragma once
// resource.Quantity of the API machinery: "100m", "1.5Gi", "1e3". Fixed point, never floating
// point.

#include <compare>
#include <string>
#include <string_view>

#include "base/error.h"

namespace base {

// An amount in whole billionths, kept exactly, with the notation it was written in. Immutable
// value.
//
// As in apimachinery: what is finer than a billionth is rounded away from zero ("0.1n" is "1n"),
// and a binary quantity is silently capped at 2^63-1 ("9Ei"). Decimal quantities have no cap there;
// here they are refused from 10^29 on, which is what 128 bits of billionths hold.
class Quantity {
 public:
  // Zero.
  Quantity() = default;

  // Reads <sign><digits>.<digits><suffix>, the suffix being one of Ki Mi Gi Ti Pi Ei, n u m k M G T
  // P E, or an exponent (e3, E-2). Reason::kBadInput names the text and the rule it breaks.
  [[nodiscard]] static Result<Quantity> parse(std::string_view text);

  // The canonical form, which is what the API server stores: no fraction, the largest suffix that
  // loses nothing, in the notation the quantity was written in ("1.5Gi" → "1536Mi", "0.5" →
  // "500m"). A binary quantity below 1Ki or with a fraction is written in decimal ("0.5Ki" →
  // "512").
  [[nodiscard]] std::string to_string() const;

  // By value: 1024 and 1Ki are equal.
  friend bool operator==(Quantity left, Quantity right) { return left.nanos_ == right.nanos_; }
  friend std::strong_ordering operator<=>(Quantity left, Quantity right) {
    return left.nanos_ <=> right.nanos_;
  }

 private:
  enum class Notation { kDecimalSuffix, kDecimalExponent, kBinarySuffix };
  struct Scale;

  using Nanos = __int128;

  Quantity(Nanos nanos, Notation notation) : nanos_(nanos), notation_(notation) {}
  static Result<Scale> read_suffix(std::string_view suffix, std::string_view text);

  Nanos nanos_ = 0;
  Notation notation_ = Notation::kDecimalSuffix;
};

}  // namespace base
