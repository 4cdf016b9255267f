"""Each rule refuses a tree that breaks it and accepts one that does not: a lint that cannot fail is none."""

import tempfile
from pathlib import Path

from rules import RULES
from tree import sources

# rule → (files that it must refuse, files that it must accept)
CASES = {
    "include direction": (
        [{"src/base/clock.h": '#include "kube/client.h"\n'},
         {"src/capp/plan.cc": '#include "runtime/queue.h"\n'},
         {"src/telemetry/log.h": '#include "object/key.h"\n'},
         {"src/gadgets/gadget.h": ""},
         {"src/net/pool.cc": '#include "gadgets/gadget.h"\n'},
         {"src/net/pool.cc": '#include "pool.h"\n'},
         {"src/net/pool.cc": '#include "tests/support/builders.h"\n'},
         {"tests/json/parse_test.cc": '#include "net/client.h"\n'}],
        {"src/runtime/queue.cc": '#include "runtime/queue.h"\n#include "base/clock.h"\n',
         "tests/json/parse_test.cc": '#include "json/parse.h"\n#include "tests/support/builders.h"\n',
         "tests/apiserver/capp_test.cc": '#include "operator/manager.h"\n'}),
    "libraries hidden": (
        [{"src/kube/client.cc": '#include "net/client.h"\n', "src/net/client.h": '#include "net/tls.h"\n',
          "src/net/tls.h": "#include <openssl/ssl.h>\n"},
         {"src/runtime/driver.cc": '#include "net/stream.h"\n',
          "src/net/stream.h": "#include <boost/asio.hpp>\n"}],
        {"src/kube/client.cc": '#include "net/client.h"\n', "src/net/client.h": "#include <boost/json.hpp>\n",
         "src/net/client.cc": '#include "net/tls.h"\n', "src/net/tls.h": "#include <openssl/ssl.h>\n"}),
    "coroutines in net only": (
        [{"src/kube/client.cc": "int f() { co_await g(); }\n"},
         {"tests/net/pool_test.cc": "int f() { co_return 1; }\n"}],
        {"src/net/client.cc": "int f() { co_await g(); }\n", "src/kube/client.cc": "// never co_await here\n"}),
    "no sleep in tests": (
        [{"tests/net/pool_test.cc": "std::this_thread::sleep_for(1s);\n"},
         {"tests/support/proxy.cc": "usleep(10);\n"}],
        {"tests/support/eventually.cc": "std::this_thread::sleep_for(1ms);\n", "src/net/loop.cc": "sleep(1);\n"}),
    "capp is pure": (
        [{"src/capp/plan.cc": "#include <mutex>\n"},
         {"src/capp/plan.cc": "auto now = base::WallClock::now();\n"},
         {"src/capp/plan.cc": '#include "base/mutex.h"\n'}],
        {"src/capp/plan.cc": "#include <string>\nvoid f(base::WallClock::time_point now);\n",
         "src/runtime/queue.cc": '#include "base/mutex.h"\n'}),
}


def _complaints(rule, files):
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = Path(root) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return list(RULES[rule](sources(root)))


def failures():
    """What the rules let pass or refuse wrongly; empty when they work."""
    found = [f"no self-test for the rule '{rule}'" for rule in RULES.keys() - CASES.keys()]
    for rule, (bad_trees, good_tree) in CASES.items():
        found += [f"'{rule}' lets pass {bad}" for bad in bad_trees if not _complaints(rule, bad)]
        found += [f"'{rule}' refuses a good tree: {text}" for text in _complaints(rule, good_tree)]
    return found
