"""kube-apiserver's audit log: who asked for what, when and with which answer, to the microsecond."""

import json
from collections import Counter
from datetime import datetime

_READS = {"get", "list", "watch"}


class Entry:
    """One finished request. Times are seconds since the epoch, by kube-apiserver's clock."""

    __slots__ = ("user", "verb", "resource", "subresource", "name", "code", "received", "finished")

    def __init__(self, event):
        subject = event.get("objectRef", {})
        self.user = event["user"]["username"]
        self.verb = event["verb"]
        self.resource = subject.get("resource", event["requestURI"].split("?")[0])
        self.subresource = subject.get("subresource", "")
        self.name = subject.get("name", "")
        self.code = event.get("responseStatus", {}).get("code", 0)
        self.received = _seconds(event["requestReceivedTimestamp"])
        self.finished = _seconds(event["stageTimestamp"])

    @property
    def what(self):
        """Resource and subresource, as `capps/status`."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource

    @property
    def is_write(self):
        return self.verb not in _READS

    @property
    def succeeded(self):
        return 200 <= self.code < 300


def _seconds(timestamp):
    return datetime.fromisoformat(timestamp).timestamp()


class AuditLog:
    """Reads what kube-apiserver appended since the last call. A watch is in it once it has ended."""

    def __init__(self, path):
        self._file = open(path, encoding="utf-8")  # pylint: disable=consider-using-with
        self._rest = ""

    def read(self):
        *lines, self._rest = (self._rest + self._file.read()).split("\n")
        return [Entry(json.loads(line)) for line in lines]


def by_verb(entries):
    """(verb, resource) → requests, the most frequent first."""
    return Counter((entry.verb, entry.what) for entry in entries).most_common()
