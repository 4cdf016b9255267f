"""What Linux says of a process: CPU seconds and memory."""

import os

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """User and system time of all its threads, those that ended included; to 10 ms."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory(pid):
    """MB (10^6 bytes): resident now, at its highest, and of those resident the private and the mapped files."""
    sizes = {}
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name in ("VmRSS", "VmHWM", "RssAnon", "RssFile"):
                sizes[name] = int(value.split()[0]) * 1024 / 1e6
    return {"rss": sizes["VmRSS"], "peak_rss": sizes["VmHWM"],
            "anonymous": sizes["RssAnon"], "files": sizes["RssFile"]}
