"""The load: many requests over a few keep-alive connections, each sent when the one before is answered."""

import json
import threading
import time

NAMESPACE = "capp-bench"


def capp(name):
    """The sample of a Capp, without hostname, volumes and logs."""
    return {
        "apiVersion": "rcs.dana.io/v1alpha1", "kind": "Capp", "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"scaleMetric": "concurrency", "configurationSpec": {"template": {"spec": {"containers": [{
            "name": "capp-sample", "image": "ghcr.io/dana-team/capp-gin-app:v0.2.0",
            "env": [{"name": "APP_NAME", "value": "capp-env-var"}]}]}}}},
    }


def create_namespace():
    return "POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}


def create_capp(name):
    return "POST", f"/apis/rcs.dana.io/v1alpha1/namespaces/{NAMESPACE}/capps", capp(name)


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
