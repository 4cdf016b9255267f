#!/usr/bin/env python3
"""A node for the operator alone: node.py CONTROL-PLANE IMAGE

Does what scheduler, kubelet and kube-proxy would, for Deployments of one replica whose image is the operator's: runs the
container as a process (tools/image/container) with the Deployment's own flags, environment, user and token, reports the
Deployment available once the readiness probe says so, ends it with SIGTERM, and forwards the Service of the webhooks to it.
Runs in a network name space of its own, in which all addresses of Services are local. SIGTERM ends it.
"""

import http.client
import json
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

_CONTAINER = Path(__file__).resolve().parents[1] / "image/container"
_ACCOUNT = "var/run/secrets/kubernetes.io/serviceaccount"
_IMAGE_NAME = "container-app-operator"
# How often the node looks for what changed.
_INTERVAL_SECONDS = 0.2
# How long a process may take to end: terminationGracePeriodSeconds of the manifests.
_GRACE_SECONDS = 15


class Api:
    """The API server, as its administrator."""

    def __init__(self, control_plane):
        self._folder = Path(control_plane)
        values = dict(line.split("=", 1) for line in (self._folder / "env").read_text().splitlines())
        self.port = int(values["APISERVER_PORT"])
        self.ca = (self._folder / "ca.crt").read_bytes()
        self._tls = ssl.create_default_context(cadata=self.ca.decode())
        self._tls.load_cert_chain(self._folder / "admin.crt", self._folder / "admin.key")

    def call(self, method, path, body=None, kind="application/json"):
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self._tls, timeout=30)
        try:
            connection.request(method, path, body and json.dumps(body), {"Content-Type": kind})
            answer = connection.getresponse()
            content = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status >= 300:
            raise OSError(f"{method} {path}: {content.get('message')}")
        return content


class Pod:
    """The operator of one Deployment."""

    def __init__(self, api, image, folder, deployment):
        self.template = deployment["spec"]["template"]
        self._api = api
        self._namespace = deployment["metadata"]["namespace"]
        container = self.template["spec"]["containers"][0]
        self._probe = container["readinessProbe"]["httpGet"]["path"]
        environment = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(api.port)}
        environment |= {entry["name"]: entry["value"] for entry in container.get("env", []) if "value" in entry}
        self._make_mounts(folder)
        self._log = (folder / "operator.log").open("ab")
        self._process = subprocess.Popen(
            [_CONTAINER, image, folder / "mounts", *(f"{name}={value}" for name, value in environment.items()),
             "--", *container.get("args", [])], stdout=self._log, stderr=self._log, stdin=subprocess.DEVNULL)

    def _make_mounts(self, folder):
        name = self.template["spec"]["serviceAccountName"]
        token = self._api.call("POST", f"/api/v1/namespaces/{self._namespace}/serviceaccounts/{name}/token", {
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})["status"]["token"]
        account = folder / "mounts" / _ACCOUNT
        account.mkdir(parents=True, exist_ok=True)
        for file, content in {"token": token.encode(), "ca.crt": self._api.ca,
                              "namespace": self._namespace.encode()}.items():
            (account / file).write_bytes(content)

    def is_selected_by(self, service):
        selector = service["spec"].get("selector", {})
        return bool(selector) and selector.items() <= self.template["metadata"]["labels"].items()

    def port(self, name_or_number):
        ports = {port["name"]: port["containerPort"] for port in self.template["spec"]["containers"][0]["ports"]}
        return ports.get(name_or_number, name_or_number)

    def ready(self):
        if self._process.poll() is not None:
            return False
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:8081{self._probe}", timeout=5).status == 200
        except OSError:
            return False

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


class Node:
    def __init__(self, control_plane, image):
        self._api = Api(control_plane)
        self._image = image
        self._folder = Path(control_plane)
        self._pods = {}
        self._forwarded = set()

    def run(self):
        while True:
            self._run_deployments()
            self._forward_services()
            time.sleep(_INTERVAL_SECONDS)

    def stop(self):
        for key in list(self._pods):
            self._pods.pop(key).stop()

    def _run_deployments(self):
        wanted = {}
        for deployment in self._api.call("GET", "/apis/apps/v1/deployments")["items"]:
            spec = deployment["spec"]
            if spec["replicas"] == 1 and _IMAGE_NAME in spec["template"]["spec"]["containers"][0]["image"]:
                wanted[deployment["metadata"]["namespace"], deployment["metadata"]["name"]] = deployment
        for key in [key for key, pod in self._pods.items()
                    if key not in wanted or wanted[key]["spec"]["template"] != pod.template]:
            self._pods.pop(key).stop()
        for key, deployment in wanted.items():
            if key not in self._pods:
                self._pods[key] = Pod(self._api, self._image, self._folder, deployment)
            self._report(deployment, self._pods[key].ready())

    def _report(self, deployment, ready):
        count = int(ready)
        status = {"observedGeneration": deployment["metadata"]["generation"], "replicas": 1, "updatedReplicas": 1,
                  "readyReplicas": count, "availableReplicas": count,
                  "conditions": [{"type": "Available", "status": str(ready), "reason": "ReadinessProbe"}]}
        if status.items() <= deployment.get("status", {}).items():
            return
        path = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/status".format(**deployment["metadata"])
        self._api.call("PATCH", path, {"status": status}, "application/merge-patch+json")

    def _forward_services(self):
        for service in self._api.call("GET", "/api/v1/services")["items"]:
            for pod in self._pods.values():
                for port in service["spec"].get("ports", []) if pod.is_selected_by(service) else []:
                    self._forward_once((service["spec"]["clusterIP"], port["port"]), pod.port(port["targetPort"]))

    def _forward_once(self, address, port):
        # The operator listens on all addresses of this network, also on those of Services.
        if address not in self._forwarded and address[1] != port:
            self._forwarded.add(address)
            threading.Thread(target=_forward, args=(address, port), daemon=True).start()


def _forward(address, port):
    listener = socket.create_server(address)
    while True:
        client, _ = listener.accept()
        try:
            server = socket.create_connection(("127.0.0.1", port))
        except OSError:
            client.close()
            continue
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=_copy, args=(source, sink), daemon=True).start()


def _copy(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def main(control_plane, image):
    node = Node(control_plane, image)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        node.run()
    finally:
        node.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
