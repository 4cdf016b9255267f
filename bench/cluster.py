"""A control plane of the benchmark's own, and the operator on it."""

import http.client
import os
import shutil
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_CONTROLPLANE = ROOT / "tools/controlplane/controlplane"
_CACHE = Path(os.environ.get("CAPP_CACHE", Path.home() / ".cache/capp-operator"))


def wait_until(condition, seconds, what, interval=0.05):
    """Returns what `condition` returned once it is true; TimeoutError with `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(interval)
    return result


def free_ports(count):
    return subprocess.check_output([_CONTROLPLANE, "free-ports", str(count)], text=True).split()


class ControlPlane:
    """etcd, kube-apiserver and kube-controller-manager with all CRDs, in a temporary folder; a context manager."""

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="capp-bench."))
        try:
            subprocess.run([_CONTROLPLANE, "up", self.folder, "--crds", ROOT / "config/crd/bases",
                            "--crds", _CACHE / "crds"], check=True, stdout=subprocess.DEVNULL)
        except BaseException:
            shutil.rmtree(self.folder)
            raise
        values = dict(line.split("=", 1) for line in (self.folder / "env").read_text().splitlines())
        self.port = int(values["APISERVER_PORT"])
        self.pids = {name: int(values[f"{name.upper()}_PID"]) for name in ("etcd", "apiserver", "kcm")}
        self._tls = ssl.create_default_context(cafile=str(self.folder / "ca.crt"))
        self._tls.load_cert_chain(self.folder / "admin.crt", self.folder / "admin.key")
        return self

    def __exit__(self, *_):
        subprocess.run([_CONTROLPLANE, "down", self.folder], check=True)
        shutil.rmtree(self.folder)

    def connect(self):
        """A keep-alive connection of the administrator."""
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=self._tls, timeout=60)


class Operator:
    """One process of it. Its log is `operator.log` in the control plane's folder."""

    def __init__(self, binary, plane):
        self._log = plane.folder / "operator.log"
        self._metrics_port, self._probe_port = free_ports(2)
        arguments = [binary, "--kubeconfig", plane.folder / "capp-operator.kubeconfig",
                     "--metrics-bind-address", f"127.0.0.1:{self._metrics_port}",
                     "--health-probe-bind-address", f"127.0.0.1:{self._probe_port}"]
        self.started = time.monotonic()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.pid = self._process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def wait_until_ready(self):
        """Seconds from the start of the process until /readyz says ok."""
        wait_until(self._ready, 60, f"the operator is ready; its log: {self._log}", interval=0.002)
        return time.monotonic() - self.started

    def wait_until_reconciled(self, count):
        """Seconds from the start of the process until `count` Capps were looked at."""
        wait_until(lambda: self._reconciled() >= count, 60, f"{count} Capps are reconciled", interval=0.01)
        return time.monotonic() - self.started

    def _ready(self):
        if self._process.poll() is not None:
            raise RuntimeError(f"the operator ended with {self._process.returncode}; its log: {self._log}")
        return _get(self._probe_port, "/readyz")[0] == 200

    def _reconciled(self):
        text = _get(self._metrics_port, "/metrics")[1].decode()
        return sum(float(line.split()[-1]) for line in text.splitlines()
                   if line.startswith("controller_runtime_reconcile_total{"))


def _get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 0, b""
    finally:
        connection.close()
