"""House rules that a compiler does not check. Each takes the sources and yields complaints."""

import re

from tree import LAYERS, reach

# Folders beside the layers that quoted includes may begin with.
_TEST_FOLDERS = {"tests", "fuzz", "bench"}
# What a public header of net, kube and runtime may not name: it would pull the library into every user.
_HIDDEN_LIBRARIES = re.compile(r"boost/(?!json)|openssl/|yaml-cpp/|zlib\.h|re2/|CLI/")
_FACADES = ("net", "kube", "runtime")
# The one place that waits for something outside the process: it polls, with a deadline.
_MAY_SLEEP = "tests/support/eventually."


def include_direction(sources):
    """An include goes downward only (docs/development.md, "Layers")."""
    for source in sources:
        if source.top == "src" and source.folder not in LAYERS:
            yield f"{source.name}: '{source.folder}' is not a layer: add it to LAYERS in tools/lint/tree.py"
            continue
        for include in source.includes:
            yield from _wrong_arrow(source, include)


def _wrong_arrow(source, include):
    if not include.is_ours:
        return
    where = f"{source.name}:{include.line}"
    target = include.name.split("/")[0]
    if target in _TEST_FOLDERS:
        if source.top in ("src", "apps"):
            yield f"{where}: {source.layer} → {include.name}: the product does not include its tests"
    elif target not in LAYERS or "/" not in include.name:
        yield f'{where}: "{include.name}": write includes relative to src/, beginning with a layer'
    elif target not in reach(source.layer):
        allowed = ", ".join(sorted(reach(source.layer) - {source.layer})) or "no other layer"
        yield f"{where}: {source.layer} → {target} goes upward; {source.layer} may include {allowed}"


def hidden_libraries(sources):
    """What other layers include of net, kube and runtime names no third-party type but boost::json."""
    headers = {source.name.removeprefix("src/"): source for source in sources if source.top == "src"}
    for source in sources:
        for include in source.includes:
            target = include.name.split("/")[0]
            if source.top != "src" or not include.is_ours or target not in _FACADES or target == source.layer:
                continue
            for path in _ways_to_a_library(headers, include.name, ()):
                yield f"{source.name}:{include.line}: a public header shows a library: {' → '.join(path)}"


def _ways_to_a_library(headers, name, path):
    header = headers.get(name)
    if header is None or name in path:
        return
    for include in header.includes:
        if include.is_ours:
            yield from _ways_to_a_library(headers, include.name, (*path, name))
        elif _HIDDEN_LIBRARIES.match(include.name):
            yield (*path, name, f"<{include.name}>")


def coroutines_only_in_net(sources):
    """Coroutines live in src/net; everybody else calls its synchronous facade."""
    for source in sources:
        if not source.name.startswith("src/net/"):
            for line, found in source.find(r"\bco_(?:await|return|yield)\b"):
                yield f"{source.name}:{line}: {found} outside src/net"


def no_sleep_in_tests(sources):
    """A test waits for a condition with a deadline, never for time to pass."""
    for source in sources:
        if source.top == "tests" and not source.name.startswith(_MAY_SLEEP):
            for line, found in source.find(r"\b(?:sleep_for|sleep_until|u?sleep|nanosleep)\s*\("):
                yield f"{source.name}:{line}: {found}: wait for a condition (tests/support/eventually.h)"


_IMPURE_HEADERS = {"mutex", "shared_mutex", "condition_variable", "thread", "stop_token", "future", "atomic",
                   "fstream", "iostream", "filesystem", "random", "base/mutex.h", "base/random.h"}


def capp_is_pure(sources):
    """src/capp is made of functions of values: no clock, lock, thread, file or chance."""
    for source in sources:
        if not source.name.startswith("src/capp/"):
            continue
        for include in source.includes:
            if include.name in _IMPURE_HEADERS:
                yield f"{source.name}:{include.line}: capp includes {include.name}"
        for line, found in source.find(r"\b\w*[Cc]lock::now\b|\bstd::time\s*\(|\bgetenv\s*\(|\bthread_local\b"):
            yield f"{source.name}:{line}: {found} in capp: pass the value in"


RULES = {
    "include direction": include_direction,
    "libraries hidden": hidden_libraries,
    "coroutines in net only": coroutines_only_in_net,
    "no sleep in tests": no_sleep_in_tests,
    "capp is pure": capp_is_pure,
}
