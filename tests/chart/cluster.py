"""Helm and kubectl of the cache, against one control plane that the tests of this folder share."""

import atexit
import functools
import json
import os
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "charts/container-app-operator"
CRDS = ["cappconfigs.rcs.dana.io", "capprevisions.rcs.dana.io", "capps.rcs.dana.io"]
CACHE = Path(os.environ.get("CAPP_CACHE", Path.home() / ".cache/capp-operator"))
_BIN = CACHE / "bin"
_CONTROL_PLANE = ROOT / "tools/controlplane/controlplane"


class Refused(Exception):
    """A command failed; str() is what it said."""


def run(*command, text_in=None, environment=None):
    """Standard output of a command."""
    done = subprocess.run([str(word) for word in command], input=text_in, env=os.environ | (environment or {}),
                          text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise Refused(f"{done.stdout}{done.stderr}")
    return done.stdout


def values(*pairs):
    return [word for pair in pairs for word in ("--set", pair)]


def namespace(name):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


@functools.cache
def shared_cluster():
    cluster = Cluster()
    atexit.register(cluster.down)
    return cluster


class Cluster:
    """The control plane; stopped by `down`, and where that does not happen soon after this process has ended."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="capp-chart.")
        self._environment = {
            "KUBECONFIG": run(_CONTROL_PLANE, "up", f"{self._folder.name}/control-plane", "--no-kcm", "--with", os.getpid()).strip(),
            # Nothing of the user's own Helm.
            **{f"HELM_{kind}_HOME": f"{self._folder.name}/{kind.lower()}" for kind in ("CACHE", "CONFIG", "DATA")},
        }

    def down(self):
        run(_CONTROL_PLANE, "down", f"{self._folder.name}/control-plane")
        self._folder.cleanup()

    def helm(self, *arguments):
        return run(_BIN / "helm", *arguments, environment=self._environment)

    def kubectl(self, *arguments, text_in=None):
        return run(_BIN / "kubectl", *arguments, text_in=text_in, environment=self._environment)

    def make(self, target, **variables):
        """A target of the Makefile, with variables in the environment."""
        return run("make", "--directory", ROOT, target, f"KUBECTL={_BIN / 'kubectl'}", environment=self._environment | variables)

    def get(self, *arguments):
        """The object, or the list of objects; None where there is none of that name."""
        answer = self.kubectl("get", "--ignore-not-found", "-o", "json", *arguments)
        return json.loads(answer) if answer else None

    def apply(self, *objects):
        self.kubectl("apply", "--server-side", "-f", "-", text_in=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))

    def template(self, release, ns, *arguments):
        """What `helm template` makes of the chart for the oldest Kubernetes that it is for."""
        return self.helm("template", release, CHART, "--namespace", ns, "--kube-version", "1.30.0", *arguments)

    def rendered(self, *arguments):
        """The same for release `capp`, without CRDs, as the API server understands it: each object by (kind, name)."""
        manifest = self.template("capp", "chart-rendered", "--set", "crds.enabled=false", *arguments)
        answer = self.kubectl("apply", "--server-side", "--force-conflicts", "--dry-run=server", "-o", "json", "-f", "-", text_in=manifest)
        return {(item["kind"], item["metadata"]["name"]): item for item in _documents(answer)}


def _documents(text):
    """The JSON documents of a text, one after the other; the items of a list instead of the list."""
    decoder, position = json.JSONDecoder(), 0
    while position < len(text.rstrip()):
        document, end = decoder.raw_decode(text, position)
        yield from document.get("items", [document])
        position = end + len(text[end:]) - len(text[end:].lstrip())
