"""The load: many requests over a few keep-alive connections, each sent when the one before is answered."""

import json
import threading
import time

NAMESPACE = "capp-bench"
_OPERATOR_NAMESPACE = "capp-operator-system"
_ZONE = "bench.example.com"

# What a Capp may ask for beside its Service, and what the operator writes for it.
_PARTS = {
    "hostname": ("domainmappings", "cnamerecords", "certificates"),
    "logs": ("syslogngflows", "syslogngoutputs"),
    "volume": ("nfspvcs",),
    "sources": ("pingsources", "kafkasources"),
}

# Name of a scenario → what the Capp of that number asks for. "mixed": 30 % a hostname with TLS, 20 % logs, 10 %
# volumes, 10 % event sources.
SCENARIOS = {
    "plain": lambda _: (),
    "mixed": lambda number: {0: tuple(_PARTS), 1: ("hostname",), 2: ("hostname",), 3: ("logs",)}.get(number % 10, ()),
    "full": lambda _: tuple(_PARTS),
}


class Capp:
    """A Capp of the benchmark: its name, and what it asks for."""

    def __init__(self, scenario, number):
        self.name = f"capp-{number:04}"
        self._parts = SCENARIOS[scenario](number)

    @property
    def children(self):
        """The resources of its children, one object of each."""
        return ("services", *(resource for part in self._parts for resource in _PARTS[part]))

    def create(self):
        """The sample of a Capp, with its parts."""
        spec = {"scaleMetric": "concurrency", "configurationSpec": {"template": {"spec": {"containers": [{
            "name": "capp-sample", "image": "ghcr.io/dana-team/capp-gin-app:v0.2.0",
            "env": [{"name": "APP_NAME", "value": "capp-env-var"}]}]}}}}
        for part in self._parts:
            spec |= _spec_of(part, self.name)
        return _create("/apis/rcs.dana.io/v1alpha1", "capps",
                       {"apiVersion": "rcs.dana.io/v1alpha1", "kind": "Capp",
                        "metadata": {"name": self.name, "namespace": NAMESPACE}, "spec": spec})

    def create_tls_secret(self):
        """Requests for the Secret that cert-manager would make: without it the operator looks for it again and again."""
        if "hostname" not in self._parts:
            return []
        return [_create("/api/v1", "secrets", _object("Secret", f"{self.name}.{_ZONE}-tls", NAMESPACE))]


def _spec_of(part, name):
    return {
        "hostname": {"routeSpec": {"hostname": name, "tlsEnabled": True}},
        "logs": {"logSpec": {"type": "elastic", "host": "elastic.example.com:9200", "index": "main",
                             "user": "elastic", "passwordSecret": "es-elastic-user"}},
        "volume": {"volumesSpec": {"nfsVolumes": [{"name": f"{name}-data", "server": "nfs.example.com",
                                                   "path": "/data", "capacity": {"storage": "1Gi"}}]}},
        "sources": {"eventSourcesSpec": {"sources": [
            {"name": "hourly", "pingSourceConfiguration": {"schedule": "0 * * * *"}},
            {"name": "orders", "kafkaSourceConfiguration": {"bootstrapServers": ["kafka.example.com:9092"],
                                                            "topics": ["orders"]}}]}},
    }[part]


def _object(kind, name, namespace, **more):
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": namespace}, **more}


def _create(api, resource, body):
    return "POST", f"{api}/namespaces/{body['metadata']['namespace']}/{resource}", body


def prepare():
    """The namespace, and the configuration that hostnames need."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    return [("POST", "/api/v1/namespaces", namespace), _create("/api/v1", "configmaps", _object(
        "ConfigMap", "dns-config", _OPERATOR_NAMESPACE,
        data={"zone": f"{_ZONE}.", "cname": f"ingress.{_ZONE}."}))]


def report_ready(name):
    """What Knative's controller writes into a Service that runs."""
    status = {"observedGeneration": 1, "url": f"http://{name}.{NAMESPACE}.example.com",
              "latestCreatedRevisionName": f"{name}-00001", "latestReadyRevisionName": f"{name}-00001",
              "conditions": [{"type": kind, "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
                             for kind in ("ConfigurationsReady", "Ready", "RoutesReady")]}
    path = f"/apis/serving.knative.dev/v1/namespaces/{NAMESPACE}/services/{name}/status"
    return "PATCH", path, {"status": status}


def send_all(plane, requests, connections):
    """Sends (method, path, body) over `connections`. Returns wall and own CPU seconds; any refusal raises."""
    encoded = iter([(method, path, json.dumps(body).encode()) for method, path, body in requests])
    lock = threading.Lock()
    failures = []

    def work():
        connection = plane.connect()
        while not failures:
            with lock:
                request = next(encoded, None)
            if request is None:
                break
            if failure := _send(connection, *request):
                failures.append(failure)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(connections)]
    wall, cpu = time.monotonic(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(failures[0])
    return {"wall_seconds": time.monotonic() - wall, "cpu_seconds": time.process_time() - cpu}


def _send(connection, method, path, body):
    """Empty, or why the request was refused."""
    kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
    try:
        connection.request(method, path, body, {"Content-Type": kind})
        answer = connection.getresponse()
        text = answer.read()
    except OSError as error:
        return f"{method} {path}: {error}"
    return "" if answer.status < 300 else f"{method} {path}: {answer.status} {text[:300]!r}"
