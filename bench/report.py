"""The table that a run prints: each figure beside what is wanted."""

import math

# Issue "The operator runs", by number of plain Capps: what is wanted of it, in the units of the figures.
WANTED = {
    1000: {"service_p50": 2.0, "cpu_per_capp": 1.5, "peak_rss": 25.0, "writes_per_capp": 5.0,
           "restart_served": 0.5, "restart_writes": 0.0, "idle_requests": 0.0},
    3000: {"service_p50": 6.0, "cpu_per_capp": 1.5, "peak_rss": 40.0, "writes_per_capp": 5.0,
           "restart_served": 1.5, "restart_writes": 0.0, "idle_requests": 0.0},
}

# figure → (what it is, unit)
FIGURES = {
    "service_p50": ("Capp created → Service created, median", "s"),
    "service_p90": ("Capp created → Service created, 90 %", "s"),
    "service_max": ("Capp created → Service created, slowest", "s"),
    "children_p50": ("Capp created → all its children created, median", "s"),
    "children_max": ("Capp created → all its children created, slowest", "s"),
    "children_wall": ("first Capp created → last child created", "s"),
    "status_p50": ("Capp created → its status written, median", "s"),
    "status_max": ("Capp created → its status written, slowest", "s"),
    "created_wall": ("all Capps created, as the load saw it", "s"),
    "converged_wall": ("first Capp created → last write of the operator", "s"),
    "cpu_per_capp": ("CPU of the operator, a Capp", "ms"),
    "cpu": ("CPU of the operator", "s"),
    "load_cpu": ("CPU of the load generator", "s"),
    "apiserver_cpu": ("CPU of kube-apiserver", "s"),
    "etcd_cpu": ("CPU of etcd", "s"),
    "children_per_capp": ("children of a Capp", ""),
    "writes_per_capp": ("writes of the operator, a Capp", ""),
    "peak_rss": ("peak RSS (VmHWM)", "MB"),
    "rss": ("RSS when converged", "MB"),
    "rss_anonymous": ("… of it private memory", "MB"),
    "rss_files": ("… of it the binary and libc", "MB"),
    "rss_start": ("RSS with no Capp", "MB"),
    "idle_requests": ("requests while idle", ""),
    "idle_cpu": ("CPU of the operator while idle", "ms"),
    "event_p50": ("Service reported ready → Capp status written, median", "ms"),
    "event_p90": ("Service reported ready → Capp status written, 90 %", "ms"),
    "event_max": ("Service reported ready → Capp status written, slowest", "ms"),
    "restart_ready": ("restart: process start → /readyz ok", "s"),
    "restart_served": ("restart: process start → every Capp looked at", "s"),
    "restart_last_read": ("restart: process start → last request received", "s"),
    "restart_reads": ("restart: reads", ""),
    "restart_writes": ("restart: writes", ""),
    "restart_cpu": ("restart: CPU of the operator", "ms"),
    "restart_rss": ("restart: peak RSS", "MB"),
}


def quantile(values, share):
    """The smallest value that `share` of them do not exceed; NaN of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def _ratio(value, wanted):
    if wanted is None:
        return ""
    if wanted == 0:
        return "0" if value == 0 else "∞"
    return f"{value / wanted:.2f}"


def _number(value):
    if value is None:
        return ""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.3g}" if value < 100 else f"{value:.0f}"


def print_run(run):
    """The figures of one run, then who asked for what."""
    capps, load = run["capps"], run["load_average"]
    wanted = WANTED.get(capps, {}) if run["scenario"] == "plain" else {}
    print(f"\n== {capps} {run['scenario']} Capps over {run['connections']} connections"
          f" (load average {load['before']:.1f} before, {load['after']:.1f} after)")
    print(f"{'figure':<56} {'measured':>9} {'':<2} {'wanted':>7} {'ratio':>6}")
    for name, (label, unit) in FIGURES.items():
        value, limit = run["figures"][name], wanted.get(name)
        print(f"{label:<56} {_number(value):>9} {unit:<2} {_number(limit):>7} {_ratio(value, limit):>6}")
    for phase, requests in run["requests"].items():
        print(f"requests of the operator, {phase}:")
        for verb, resource, count in requests:
            print(f"  {verb:<7} {resource:<40} {count:>6}  {count / capps:.3f} a Capp")
        if not requests:
            print("  none")
