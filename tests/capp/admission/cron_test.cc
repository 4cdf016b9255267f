// Each verdict is that of robfig/cron 3.0.1, as Knative uses it.

#include "capp/admission/cron.h"

#include <string>

#include <gtest/gtest.h>

namespace capp::admission {
namespace {

TEST(Cron, TakesWhatKnativeTakes) {
  for (const char* schedule : {
           "* * * * *",  // every minute
           "*/5 8-18/2 1,15 * *",
           "0 0 1 JAN-jun ?",  // names in any case
           "0 12 * * mon-FRI",
           "30 * * * * *",  // six fields: the first is of seconds
           "5/15 * * * *",  // from 5 on
           "+3 007 * * *",  // as Go reads numbers
           "*-9 * * * *",   // what is behind "*-" does not count
           "1,,2 , * * *",  // nor do empty parts of a list
           " *\t*\n* * * ",
           "@hourly",
           "@daily",
           "@midnight",
           "@weekly",
           "@monthly",
           "@yearly",
           "@annually",
           "CRON_TZ=Asia/Jerusalem 0 8 * * *",
           "TZ=UTC @daily",
           "TZ= * * * * *",     // UTC
           "TZ=UTC   @daily ",  // trimmed behind a time zone only
       }) {
    const auto checked = check_schedule(schedule);
    EXPECT_TRUE(checked) << schedule << ": " << checked.error().message;
  }
}

TEST(Cron, RefusesWhatKnativeRefuses) {
  for (const char* schedule : {
           "",
           "* * * *",
           "* * * * * * *",
           "60 * * * *",
           "* 24 * * *",
           "* * 0 * *",
           "* * 32 * *",
           "* * * 13 *",
           "* * * * 7",
           "5-1 * * * *",
           "1-2-3 * * * *",
           "-1 * * * *",
           "1- * * * *",
           "*/0 * * * *",
           "*/x * * * *",
           "1/2/3 * * * *",
           "/ * * * *",
           "x * * * *",
           "jan * * * *",  // a name, but not of a minute
           "99999999999999999999 * * * *",
           "@every 1h",
           "TZ=UTC @every 1h",
           "@Daily",
           "@sometimes",
           " @daily",
           "TZ=UTC",  // robfig/cron panics here
           "TZ=../etc/passwd * * * * *",
           "TZ=/etc/passwd * * * * *",
           "every day at noon ok",
       }) {
    EXPECT_FALSE(check_schedule(schedule)) << schedule;
  }
}

TEST(Cron, SaysWhatIsWrong) {
  const auto why = [](std::string_view schedule) {
    return check_schedule(schedule).error().message;
  };
  EXPECT_EQ(why("* * *"),
            "it has 3 fields, not 5 (minute, hour, day of the month, month, day of the week) or 6 "
            "(second before these)");
  EXPECT_EQ(why("0 24 * * *"), "the hour \"24\" is not within 0 to 23");
  EXPECT_EQ(why("0 0 * * funday"),
            "the day of the week \"funday\" is no number, name or range of them");
  EXPECT_EQ(why("*/0 * * * *"), "the minute \"*/0\" has no whole number above 0 as its step");
}

}  // namespace
}  // namespace capp::admission
