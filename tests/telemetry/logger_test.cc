#include "telemetry/log/logger.h"

#include <cmath>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace telemetry::log {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class CapturingSink final : public Sink {
 public:
  void write(std::string_view line) override { lines.emplace_back(line); }
  std::vector<std::string> lines;
};

// 2026-11-23T03:55:41.123456Z
base::WallClock::time_point test_time() {
  return base::WallClock::from_time_t(1795406141) + 123456us;
}

struct Capture {
  std::shared_ptr<CapturingSink> sink = std::make_shared<CapturingSink>();

  Logger ecs(Level level = Level::kInfo) const {
    return Logger({.sink = sink,
                   .encoder = ecs_encoder({.name = "capp-operator", .version = "1.2.3"}),
                   .level = level,
                   .now = test_time});
  }
  Logger console(Level level = Level::kInfo) const {
    return Logger({.sink = sink, .encoder = console_encoder(), .level = level, .now = test_time});
  }
  const std::string& line() const { return sink->lines.at(0); }
  boost::json::object document() const { return boost::json::parse(line()).as_object(); }
  boost::json::object labels() const { return document().at("labels").as_object(); }
};

const base::Error& a_timeout() {
  static const base::Error error =
      base::Error{.reason = base::Reason::kTimeout, .message = "no answer in 10s"}.wrap(
          "cannot list Capps");
  return error;
}

TEST(EcsLog, HasTheFieldNamesOfTheElasticCommonSchema) {
  const Capture capture;
  capture.ecs()
      .named("reflector")
      .with("kind", "Capp")
      .error("list failed", a_timeout(), {{"attempt", 3}});
  EXPECT_EQ(capture.line(), R"({"@timestamp":"2026-11-23T03:55:41.123456Z","log.level":"error",)"
                            R"("message":"list failed","ecs.version":"8.11.0",)"
                            R"("service.name":"capp-operator","service.version":"1.2.3",)"
                            R"("log.logger":"reflector","error.type":"Timeout",)"
                            R"("error.message":"cannot list Capps: no answer in 10s",)"
                            R"("labels":{"kind":"Capp","attempt":3}})"
                            "\n");
}

TEST(EcsLog, LeavesOutWhatThereIsNothingToSayOf) {
  const Capture capture;
  capture.ecs().info("started");
  EXPECT_EQ(capture.line(), R"({"@timestamp":"2026-11-23T03:55:41.123456Z","log.level":"info",)"
                            R"("message":"started","ecs.version":"8.11.0",)"
                            R"("service.name":"capp-operator","service.version":"1.2.3"})"
                            "\n");
}

TEST(EcsLog, KeepsTheTypesOfValues) {
  const Capture capture;
  capture.ecs().info("values", {{"int", -1},
                                {"unsigned", 18446744073709551615U},
                                {"double", 0.5},
                                {"nan", std::nan("")},
                                {"bool", true},
                                {"string", std::string("text")},
                                {"duration", 90s}});
  EXPECT_EQ(boost::json::serialize(capture.labels()),
            R"({"int":-1,"unsigned":18446744073709551615,"double":5E-1,"nan":"nan","bool":true,)"
            R"("string":"text","duration":"1m30s"})");
}

TEST(ConsoleLog, IsReadable) {
  const Capture capture;
  capture.console()
      .named("reflector")
      .with("kind", "Capp")
      .warn("list \"failed\"", a_timeout(), {{"note", "two words"}, {"empty", ""}, {"attempt", 3}});
  EXPECT_EQ(capture.line(),
            "2026-11-23T03:55:41.123456Z WARN  reflector  list \"failed\"  "
            "error=\"cannot list Capps: no answer in 10s\"  "
            "kind=Capp note=\"two words\" empty=\"\" attempt=3\n");
}

TEST(ConsoleLog, KeepsEveryRecordOnOneLine) {
  const Capture capture;
  capture.console().info("a\nb\x1b[31m\xc2\x85", {{"key\n", "c\nd"}});
  EXPECT_EQ(capture.line(),
            "2026-11-23T03:55:41.123456Z INFO  a\\nb\\u001b[31m\\u0085  key\\n=\"c\\nd\"\n");
}

TEST(Logger, DropsLinesBelowItsLevel) {
  const Capture capture;
  const Logger log = capture.console(Level::kWarn);
  log.trace("1");
  log.debug("2");
  log.info("3");
  EXPECT_THAT(capture.sink->lines, IsEmpty());
  EXPECT_FALSE(log.enabled(Level::kInfo));
  log.warn("4");
  log.error("5");
  EXPECT_THAT(capture.sink->lines, ElementsAre(EndsWith("WARN  4\n"), EndsWith("ERROR 5\n")));
}

TEST(Logger, PrintsMoreWithMoreVerbosity) {
  EXPECT_EQ(level_of_verbosity(-1), Level::kInfo);
  EXPECT_EQ(level_of_verbosity(0), Level::kInfo);
  EXPECT_EQ(level_of_verbosity(1), Level::kDebug);
  EXPECT_EQ(level_of_verbosity(2), Level::kTrace);
  EXPECT_EQ(level_of_verbosity(9), Level::kTrace);
}

TEST(Logger, LeavesTheParentAsItWas) {
  const Capture capture;
  const Logger parent = capture.console();
  const Logger child = parent.named("a").named("b").with("key", "value");
  parent.info("parent");
  child.info("child");
  EXPECT_THAT(capture.sink->lines,
              ElementsAre(EndsWith("INFO  parent\n"), EndsWith("INFO  a.b  child  key=value\n")));
}

TEST(Logger, KeepsAFieldAfterItsTextIsGone) {
  const Capture capture;
  const Logger log = capture.console().with(std::string("name"), std::string(100, 'x'));
  log.info("kept");
  EXPECT_THAT(capture.line(), EndsWith("name=" + std::string(100, 'x') + "\n"));
}

TEST(Logger, PrintsAKeyOnceWithItsInnermostValue) {
  const Capture capture;
  capture.console().with("a", 1).with("b", 2).with("a", 3).info("m", {{"b", 4}, {"c", 5}});
  EXPECT_THAT(capture.line(), EndsWith("m  a=3 b=4 c=5\n"));
}

TEST(Logger, RefusesToBeMadeWithoutASink) {
  EXPECT_THROW(Logger({.encoder = console_encoder()}), std::logic_error);
  EXPECT_THROW(Logger({.sink = std::make_shared<CapturingSink>()}), std::logic_error);
}

TEST(Logger, DiscardsWhenAskedTo) {
  discarding_logger().error("nobody reads this");
}

TEST(LogRedaction, HidesValuesOfTypeRedacted) {
  const Capture capture;
  capture.ecs().info("connected", {{"key", base::Redacted<std::string>("s3cret")}});
  EXPECT_EQ(capture.labels().at("key").as_string(), "[redacted]");
}

TEST(LogRedaction, HidesFieldsThatNameACredential) {
  const Capture capture;
  const Logger log = capture.ecs().with("clientSecret", "one");
  log.info("connected", {{"Authorization", "two"}, {"token", "three"}, {"tokenFile", "/path"}});
  EXPECT_EQ(boost::json::serialize(capture.labels()),
            R"({"clientSecret":"[redacted]","Authorization":"[redacted]",)"
            R"("token":"[redacted]","tokenFile":"/path"})");
}

TEST(LogRedaction, HidesCredentialsInsideTexts) {
  const Capture capture;
  const base::Error error{.message = "the server got: bearer QWERTY123456"};
  capture.ecs().error("sent Bearer abcDEF12345", error, {{"header", "Basic dXNlcjpwdw=="}});
  EXPECT_EQ(capture.document().at("message").as_string(), "sent Bearer [redacted]");
  EXPECT_EQ(capture.document().at("error.message").as_string(),
            "the server got: bearer [redacted]");
  EXPECT_EQ(capture.labels().at("header").as_string(), "Basic [redacted]");
}

TEST(LogBounds, CutsLongTextsWithAMark) {
  const Capture capture;
  const std::string text(100'000, 'x');
  capture.ecs().error(text, base::Error{.message = text}, {{"field", text}});
  const auto document = capture.document();
  EXPECT_EQ(document.at("message").as_string(), std::string(8192, 'x') + "…[truncated]");
  EXPECT_EQ(document.at("error.message").as_string(), std::string(8192, 'x') + "…[truncated]");
  EXPECT_EQ(capture.labels().at("field").as_string(), std::string(4096, 'x') + "…[truncated]");
}

TEST(LogBounds, LeavesOutFieldsThatDoNotFitIntoTheLine) {
  const std::string text(4000, 'x');
  for (const auto form : {&Capture::ecs, &Capture::console}) {
    const Capture capture;
    Logger log = (capture.*form)(Level::kInfo);
    for (int i = 0; i < 20; ++i) log = log.with("field" + std::to_string(i), text);
    log.error(text, base::Error{.message = text}, {{"last", "fits"}});
    EXPECT_LE(capture.line().size(), kMaxLineBytes);
    EXPECT_THAT(capture.line(), HasSubstr("field0"));
    EXPECT_THAT(capture.line(), HasSubstr("fits"));
    EXPECT_THAT(capture.line(), HasSubstr("fieldsLeftOut"));
    EXPECT_THAT(capture.line(), Not(HasSubstr("field19")));
  }
}

TEST(LogBounds, HoldForTheWorstLine) {
  const Capture capture;
  const std::string worst(100'000, '\x01');  // six bytes each when escaped
  Logger log = capture.ecs().named(worst);
  for (int i = 0; i < 100; ++i) log = log.with(std::to_string(i) + worst, worst);
  log.error(worst, base::Error{.message = worst});
  EXPECT_LE(capture.line().size(), kMaxLineBytes);
  EXPECT_TRUE(capture.document().contains("labels"));
}

// Bytes of every kind, with those that matter for escaping more often than chance has it.
rc::Gen<std::string> any_bytes() {
  return rc::gen::container<std::string>(rc::gen::oneOf(
      rc::gen::arbitrary<char>(), rc::gen::element<char>('"', '\\', '\n', '\0', '\x7f', '\xc2',
                                                         '\xe2', '\x80', '\xa8', '\xff')));
}

RC_GTEST_PROP(EcsLogProperty, EveryLineIsOneJsonDocument, ()) {
  const Capture capture;
  const base::Error error{.message = *any_bytes()};
  capture.ecs().named(*any_bytes()).with(*any_bytes(), *any_bytes()).error(*any_bytes(), error);
  const std::string& line = capture.line();
  RC_ASSERT(line.find('\n') == line.size() - 1);
  boost::system::error_code failure;
  const auto document = boost::json::parse(line, failure);
  RC_ASSERT(!failure);
  RC_ASSERT(document.as_object().at("labels").as_object().size() == 1U);
}

RC_GTEST_PROP(ConsoleLogProperty, EveryRecordIsOneLine, ()) {
  const Capture capture;
  capture.console().with(*any_bytes(), *any_bytes()).info(*any_bytes());
  const std::string& line = capture.line();
  RC_ASSERT(line.find_first_of(std::string("\n\r\0\x1b\x7f", 5)) == line.size() - 1);
}

}  // namespace
}  // namespace telemetry::log
