#pragma once
// Prometheus' text exposition format 0.0.4, line by line.

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace telemetry::metrics {

// Content-Type of an answer in this format.
inline constexpr std::string_view kTextFormat = "text/plain; version=0.0.4; charset=utf-8";

enum class Type { kCounter, kGauge, kHistogram };

// "counter", "gauge", "histogram".
std::string_view to_string(Type type);

// [a-zA-Z_:][a-zA-Z0-9_:]*
[[nodiscard]] bool is_metric_name(std::string_view name);
// [a-zA-Z_][a-zA-Z0-9_]*, not beginning with the reserved "__".
[[nodiscard]] bool is_label_name(std::string_view name);

// As Go's strconv.FormatFloat(value, 'g', -1, 64), which is what Prometheus clients write: "1",
// "0.005", "1e-08", "1e+06", "+Inf", "NaN".
[[nodiscard]] std::string format_number(double value);

// Writes into a text it does not own.
class ExpositionWriter {
 public:
  explicit ExpositionWriter(std::string& out) : out_(out) {}

  // The HELP and TYPE lines.
  void header(std::string_view name, std::string_view help, Type type);
  // One sample. `extra` is a label behind the others (a histogram's "le"); without a name there is
  // none. Names were checked by the caller; values are escaped here.
  void sample(std::string_view name, std::span<const std::string> label_names,
              std::span<const std::string> label_values, double value,
              std::pair<std::string_view, std::string_view> extra = {});

 private:
  std::string& out_;
};

}  // namespace telemetry::metrics
