"""The schedules that Knative's PingSource takes, as a regular expression (RE2).

The grammar is that of robfig/cron's parser with optional seconds and without `@every`, which
Knative refuses: also where it is odd, so that nothing is refused here that would have worked. What a
regular expression cannot say is left to Knative: that a range begins before its end, and that a time
zone exists.
"""

SIXTY = "0*[1-5]?[0-9]"
HOUR = "0*(1?[0-9]|2[0-3])"
DAY = "0*([1-9]|[12][0-9]|3[01])"
MONTH = "0*([1-9]|1[0-2])|(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
WEEKDAY = "0*[0-6]|(?i:sun|mon|tue|wed|thu|fri|sat)"

NAMED = "@(yearly|annually|monthly|weekly|daily|midnight|hourly)"
TIME_ZONE = "(CRON_)?TZ=[^ ]* "


def _field(value):
    """Values and ranges of them, each with a step if need be, separated by commas."""
    # There what stands behind "*-" does not count, nor does a comma too many, and a number may have
    # a plus sign.
    one = rf"([*?](-[^\s,/]*)?|\+?({value})(-\+?({value}))?)(/\+?0*[1-9][0-9]*)?"
    return f"(,*{one}(,+{one})*,*|,+)"


def _fields(*values):
    return r"\s+".join(_field(value) for value in values)


SCHEDULE = (
    rf"^({TIME_ZONE}\s*)?("
    + NAMED
    + rf"|\s*({_field(SIXTY)}\s+)?"
    + _fields(SIXTY, HOUR, DAY, MONTH, WEEKDAY)
    + r")\s*$"
)

# The longest that names each second, minute, hour, day, month and weekday once, and the longest of
# the time zones, has 602 characters. The API server limits the cost of a rule, and so the length.
MAX_LENGTH = 640
