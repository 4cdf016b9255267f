#include "base/duration.h"

#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace base {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

std::string error_of(std::string_view text) {
  const auto parsed = parse_duration(text);
  return parsed ? "accepted as " + format_duration(*parsed) : parsed.error().message;
}

TEST(Duration, ReadsWhatGoReads) {
  EXPECT_EQ(parse_duration("1m30s").value(), 90s);
  EXPECT_EQ(parse_duration("1.5h").value(), 90min);
  EXPECT_EQ(parse_duration("-2s").value(), -2s);
  EXPECT_EQ(parse_duration("+2s").value(), 2s);
  EXPECT_EQ(parse_duration("100ms").value(), 100ms);
  EXPECT_EQ(parse_duration("1us").value(), 1us);
  EXPECT_EQ(parse_duration("1\u00b5s").value(), 1us);
  EXPECT_EQ(parse_duration("1\u03bcs").value(), 1us);
  EXPECT_EQ(parse_duration("3ns").value(), 3ns);
  EXPECT_EQ(parse_duration(".5s").value(), 500ms);
  EXPECT_EQ(parse_duration("5.s").value(), 5s);
  EXPECT_EQ(parse_duration("0").value(), 0s);
  EXPECT_EQ(parse_duration("-0").value(), 0s);
  EXPECT_EQ(parse_duration("1s1s").value(), 2s);
}

TEST(Duration, CutsOffBelowANanosecond) {
  EXPECT_EQ(parse_duration("1.9ns").value(), 1ns);
  EXPECT_EQ(parse_duration("0.3333333333333333333h").value(), 1'199'999'999'999ns);
}

TEST(Duration, WritesWhatGoWrites) {
  EXPECT_EQ(format_duration(0s), "0s");
  EXPECT_EQ(format_duration(1ns), "1ns");
  EXPECT_EQ(format_duration(1100ns), "1.1µs");
  EXPECT_EQ(format_duration(2200us), "2.2ms");
  EXPECT_EQ(format_duration(30s), "30s");
  EXPECT_EQ(format_duration(90s), "1m30s");
  EXPECT_EQ(format_duration(5min + 1ms), "5m0.001s");
  EXPECT_EQ(format_duration(1h), "1h0m0s");
  EXPECT_EQ(format_duration(-90s), "-1m30s");
}

TEST(Duration, HoldsTheWholeRange) {
  EXPECT_EQ(format_duration(nanoseconds::max()), "2562047h47m16.854775807s");
  EXPECT_EQ(format_duration(nanoseconds::min()), "-2562047h47m16.854775808s");
  EXPECT_EQ(parse_duration("-9223372036854775808ns").value(), nanoseconds::min());
  EXPECT_EQ(error_of("9223372036854775808ns"),
            "duration \"9223372036854775808ns\" is longer than 292 years");
  EXPECT_EQ(error_of("2562048h"), "duration \"2562048h\" is longer than 292 years");
  EXPECT_EQ(error_of("2562047h2562047h"), "duration \"2562047h2562047h\" is longer than 292 years");
  EXPECT_EQ(error_of("99999999999999999999999999999999999999999999s"),
            "duration \"99999999999999999999999999999999999999999999s\" is longer than 292 years");
}

TEST(Duration, SaysWhichRuleATextBreaks) {
  EXPECT_EQ(error_of(""), "duration \"\" is empty");
  EXPECT_EQ(error_of("-"), "duration \"-\" is empty");
  EXPECT_EQ(error_of("30"), "duration \"30\" has a number without a unit (ns, us, ms, s, m, h)");
  EXPECT_EQ(error_of("s"), "duration \"s\" has a unit without a number");
  EXPECT_EQ(error_of(".s"), "duration \".s\" has a unit without a number");
  EXPECT_EQ(error_of("1d"), "duration \"1d\" has the unknown unit \"d\" (ns, us, ms, s, m, h)");
  EXPECT_EQ(error_of("1s "), "duration \"1s \" has the unknown unit \"s \" (ns, us, ms, s, m, h)");
  EXPECT_EQ(error_of("1m-30s"),
            "duration \"1m-30s\" has the unknown unit \"m-\" (ns, us, ms, s, m, h)");
}

RC_GTEST_PROP(DurationProperty, ReadsBackWhatItWrites, ()) {
  // Of every magnitude, not only near the ends of the range.
  const auto count = *rc::gen::arbitrary<std::int64_t>() >> *rc::gen::inRange(0, 63);
  const nanoseconds duration(count);
  RC_ASSERT(parse_duration(format_duration(duration)).value() == duration);
}

}  // namespace
}  // namespace base
