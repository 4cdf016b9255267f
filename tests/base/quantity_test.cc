#include "base/quantity.h"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace base {
namespace {

Quantity quantity(std::string_view text) {
  auto parsed = Quantity::parse(text);
  if (!parsed) throw std::invalid_argument(parsed.error().message);
  return *parsed;
}

std::string canonical(std::string_view text) {
  return quantity(text).to_string();
}

std::string error_of(std::string_view text) {
  const auto parsed = Quantity::parse(text);
  return parsed ? "accepted as " + parsed->to_string() : parsed.error().message;
}

// Every expectation was compared with k8s.io/apimachinery v0.34.4.
TEST(Quantity, WritesTheLargestSuffixThatLosesNothing) {
  EXPECT_EQ(canonical("100m"), "100m");
  EXPECT_EQ(canonical("0.5"), "500m");
  EXPECT_EQ(canonical("1000m"), "1");
  EXPECT_EQ(canonical("1.5"), "1500m");
  EXPECT_EQ(canonical("12000"), "12k");
  EXPECT_EQ(canonical("12E"), "12E");
  EXPECT_EQ(canonical("1.2345"), "1234500u");
  EXPECT_EQ(canonical("18446744073709551616"), "18446744073709551616");
}

TEST(Quantity, KeepsTheNotationItWasWrittenIn) {
  EXPECT_EQ(canonical("1.5Gi"), "1536Mi");
  EXPECT_EQ(canonical("2048Ki"), "2Mi");
  EXPECT_EQ(canonical("1e3"), "1e3");
  EXPECT_EQ(canonical("1E4"), "10e3");
  EXPECT_EQ(canonical("1e-2"), "10e-3");
  EXPECT_EQ(canonical("1000"), "1k");
}

TEST(Quantity, WritesABinaryQuantityInDecimalWhereBinaryWouldRoundOrConfuse) {
  EXPECT_EQ(canonical("0.5Ki"), "512");
  EXPECT_EQ(canonical("1.1Ki"), "1126400m");
}

TEST(Quantity, WritesAnExponentWhereNoSuffixIsLargeEnough) {
  EXPECT_EQ(canonical("1000E"), "1e21");
  EXPECT_EQ(canonical("1000000000000000000000"), "1e21");
}

TEST(Quantity, WritesEveryZeroAlike) {
  for (const auto* zero : {"0", "-0", "+0", "0.000", "0Gi", "0e12", "000m"}) {
    EXPECT_EQ(canonical(zero), "0") << zero;
  }
}

TEST(Quantity, ReadsSignsAndOneSidedFractions) {
  EXPECT_EQ(canonical("+1"), "1");
  EXPECT_EQ(canonical("-1.5Gi"), "-1536Mi");
  EXPECT_EQ(canonical("1."), "1");
  EXPECT_EQ(canonical(".5"), "500m");
  EXPECT_EQ(canonical("1e+5"), "100e3");
  EXPECT_EQ(canonical("007"), "7");
}

TEST(Quantity, RoundsAwayFromZeroBelowABillionth) {
  EXPECT_EQ(canonical("0.1n"), "1n");
  EXPECT_EQ(canonical("-0.1n"), "-1n");
  EXPECT_EQ(canonical("1e-2147483647"), "1e-9");
  EXPECT_EQ(canonical("1.0000000001"), "1000000001n");
  EXPECT_EQ(canonical("0.00000000000000000001Ki"), "1n");
}

TEST(Quantity, CapsBinaryQuantitiesAtTheLargestInt64) {
  EXPECT_EQ(canonical("7Ei"), "7Ei");
  EXPECT_EQ(canonical("8Ei"), "9223372036854775807");
  EXPECT_EQ(canonical("-9Ei"), "-9223372036854775807");
  EXPECT_EQ(canonical("9999999999999999999999999999999999999Ki"), "9223372036854775807");
}

TEST(Quantity, RefusesDecimalsThatDoNotFit) {
  EXPECT_EQ(canonical("99999999999999999999999999999"), "99999999999999999999999999999");
  EXPECT_EQ(error_of("1e29"), "quantity \"1e29\" is 1e29 or more");
  EXPECT_EQ(error_of("99999999999999999999999999999.9999999999"),
            "quantity \"99999999999999999999999999999.9999999999\" is 1e29 or more");
  EXPECT_EQ(error_of("1e2147483647"), "quantity \"1e2147483647\" is 1e29 or more");
}

TEST(Quantity, SaysWhichRuleATextBreaks) {
  EXPECT_EQ(error_of(""), "quantity \"\" is empty");
  for (const auto* text : {"-", ".", "Mi", "e3", " 1"}) {
    EXPECT_EQ(error_of(text),
              "quantity \"" + std::string(text) + "\" has no number before its suffix");
  }
  for (const auto* text : {"1K", "1Gx", "1mi", "1 ", "1.2.3", "1e", "1e1.5", "1e+-5", "1e+", "1ee5",
                           "0x10", "1e99999999999"}) {
    EXPECT_EQ(error_of(text),
              "quantity \"" + std::string(text) +
                  "\" has an unknown suffix: use none, Ki Mi Gi Ti Pi Ei, n u m k M G T P E, or an "
                  "exponent like e3");
  }
}

TEST(Quantity, ComparesByValue) {
  EXPECT_EQ(quantity("1Ki"), quantity("1024"));
  EXPECT_EQ(quantity("1e3"), quantity("1k"));
  EXPECT_LT(quantity("1G"), quantity("1Gi"));
  EXPECT_LT(quantity("-1"), Quantity());
  EXPECT_GT(quantity("1n"), Quantity());
}

rc::Gen<std::string> any_quantity() {
  return rc::gen::map(
      rc::gen::tuple(
          rc::gen::arbitrary<std::int64_t>(), rc::gen::inRange<unsigned>(0, 1'000'000'000),
          rc::gen::element<std::string>("", "Ki", "Gi", "Ei", "n", "m", "k", "E", "e3", "e-7")),
      [](const auto& parts) {
        const auto& [whole, fraction, suffix] = parts;
        return std::to_string(whole) + "." + std::to_string(fraction) + suffix;
      });
}

RC_GTEST_PROP(QuantityProperty, TheCanonicalFormReadsBackAsTheSameValue, ()) {
  const auto original = Quantity::parse(*any_quantity());
  RC_PRE(original.has_value());  // some are 1e29 or more
  RC_ASSERT(quantity(original->to_string()) == *original);
}

RC_GTEST_PROP(QuantityProperty, OrdersAsTheNumbersDo, (std::int64_t left, std::int64_t right)) {
  const auto suffix = *rc::gen::element<std::string>("", "n", "m", "k", "G", "e3", "e-4");
  const auto ordered =
      quantity(std::to_string(left) + suffix) <=> quantity(std::to_string(right) + suffix);
  RC_ASSERT(ordered == (left <=> right));
}

}  // namespace
}  // namespace base
