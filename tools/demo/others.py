#!/usr/bin/env python3
"""Plays the controllers of the other projects, none of which runs in the demo: Knative, cert-manager, the
DNS provider, the logging operator, nfspvc-operator. What each would write into the status of a Capp's
children, or make for them, is written here in its place, as field manager "demo".

  others.py ready [CAPP [BUT_KIND]]   every child (of that Capp, but of that kind) becomes ready
  others.py failing-pull CAPP         the newest template gets no image; who served goes on

Of the namespace of the current context (KUBECONFIG).
"""

import json
import subprocess
import sys
from datetime import datetime, timezone

KINDS = [
    "services.serving.knative.dev",
    "domainmappings.serving.knative.dev",
    "cnamerecords.record.dns-v2.m.crossplane.io",
    "certificates.cert-manager.io",
    "syslogngflows.logging.banzaicloud.io",
    "syslogngoutputs.logging.banzaicloud.io",
    "nfspvcs.nfspvc.dana.io",
    "pingsources.sources.knative.dev",
    "kafkasources.sources.knative.dev",
]
# kubectl misses the rest of the object.
OF_STATUS = ("--subresource", "status", "--validate=false")
NOW = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def kubectl(*arguments, given=None):
    done = subprocess.run(["kubectl", *arguments], input=given, text=True, check=True, stdout=subprocess.PIPE)
    return done.stdout


def apply(objects, *flags):
    if objects:
        manifest = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
        kubectl("apply", "--server-side", "--force-conflicts", "--field-manager", "demo", *flags,
                "--filename", "-", given=manifest)


def children(capp=""):
    selector = "rcs.dana.io/managed-by=capp" + (f",rcs.dana.io/parent-capp={capp}" if capp else "")
    return json.loads(kubectl("get", ",".join(KINDS), "--selector", selector, "--output", "json"))["items"]


def ready(capp="", but_kind=""):
    played = [child for child in children(capp) if child["kind"] != but_kind and not is_played(child)]
    apply([made for child in played for made in made_for(child)])
    statuses = [status_only(child, ready_status(child)) for child in played]
    revisions = [status_only(revision_of(child), ready_condition("True")) for child in played if is_service(child)]
    apply(statuses + revisions, *OF_STATUS)


def failing_pull(name):
    service = next(child for child in children(name) if is_service(child))
    image = service["spec"]["template"]["spec"]["containers"][0]["image"]
    revision = revision_of(service)
    apply([revision, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}])
    pod = pod_of(revision, image)
    apply([pod])
    waiting = {"reason": "ImagePullBackOff", "message": f'Back-off pulling image "{image}": not found'}
    container = {"name": "app", "image": image, "imageID": "", "ready": False, "restartCount": 0,
                 "state": {"waiting": waiting}}
    message = f'Configuration "{name}" is waiting for a Revision to become ready.'
    serving = service["status"]["latestReadyRevisionName"]
    apply([status_only(pod, {"phase": "Pending", "containerStatuses": [container]}),
           status_only(revision, ready_condition("Unknown", "Deploying")),
           status_only(service, ready_condition("Unknown", "RevisionMissing", message)
                       | traffic(service, revision["metadata"]["name"], serving))],
          *OF_STATUS)


def is_played(child):
    """A child that was ready may be on its way out: what was made for it is not made again."""
    status = child.get("status", {})
    told = {condition["type"]: condition["status"] for condition in status.get("conditions", [])}
    return all(told.get("Ready") == "True" if member == "conditions" else status.get(member) == value
               for member, value in ready_status(child).items())


def is_service(child):
    return child["kind"] == "Service"


def reference(owner):
    """An owner reference; of an object that is made here, the server has the UID."""
    uid = owner["metadata"].get("uid") or kubectl(
        "get", owner["kind"], owner["metadata"]["name"], "--output", "jsonpath={.metadata.uid}")
    return {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": owner["metadata"]["name"], "uid": uid}


def made_for(child):
    """What the others make beside a status: a Revision for a Service, a Secret for a Certificate."""
    if is_service(child):
        return [revision_of(child)]
    if child["kind"] == "Certificate":
        return [{"apiVersion": "v1", "kind": "Secret",
                 "metadata": {"name": child["spec"]["secretName"],
                              "annotations": {"cert-manager.io/certificate-name": child["metadata"]["name"]}},
                 "stringData": {"tls.crt": "played", "tls.key": "played"}}]
    return []


def revision_of(service):
    """Knative makes one for each generation of a Service, and names it so."""
    name = service["metadata"]["name"]
    return {"apiVersion": "serving.knative.dev/v1", "kind": "Revision",
            "metadata": {"name": f"{name}-{service['metadata']['generation']:05}",
                         "labels": {"serving.knative.dev/configuration": name, "serving.knative.dev/service": name},
                         "ownerReferences": [reference(service)]},
            "spec": {"containers": [{"name": "app", "image": "played"}]}}


def pod_of(revision, image):
    name = revision["metadata"]["name"]
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": f"{name}-pod", "labels": {"serving.knative.dev/revision": name},
                         "ownerReferences": [reference(revision)]},
            "spec": {"automountServiceAccountToken": False, "containers": [{"name": "app", "image": image}]}}


def status_only(child, status):
    return {"apiVersion": child["apiVersion"], "kind": child["kind"],
            "metadata": {"name": child["metadata"]["name"]}, "status": status}


def ready_status(child):
    generation = {"observedGeneration": child["metadata"]["generation"]}
    kind = child["kind"]
    if is_service(child):
        revision = revision_of(child)["metadata"]["name"]
        return generation | ready_condition("True") | traffic(child, revision, revision)
    if kind in ("SyslogNGFlow", "SyslogNGOutput"):
        return {"active": True, "problemsCount": 0}
    if kind == "NfsPvc":
        return {"pvcPhase": "Bound", "pvPhase": "Bound"}
    if kind == "CNAMERecord":
        return {"conditions": [condition("Ready", "True"), condition("Synced", "True")]}
    if kind == "Certificate":
        return ready_condition("True")
    if kind == "DomainMapping":
        scheme = "https" if "tls" in child["spec"] else "http"
        return generation | ready_condition("True") | {"url": f"{scheme}://{child['metadata']['name']}"}
    return generation | ready_condition("True")


def ready_condition(status, reason="Played", message=""):
    return {"conditions": [condition("Ready", status, reason, message)]}


def condition(name, status, reason="Played", message=""):
    return {"type": name, "status": status, "reason": reason, "message": message, "lastTransitionTime": NOW}


def traffic(service, created, serving):
    """The newest Revision, and the newest that is ready: it gets all requests."""
    name, namespace = service["metadata"]["name"], service["metadata"]["namespace"]
    return {"url": f"http://{name}.{namespace}.example.com",
            "latestCreatedRevisionName": created, "latestReadyRevisionName": serving,
            "traffic": [{"revisionName": serving, "latestRevision": True, "percent": 100}]}


COMMANDS = {"ready": ready, "failing-pull": failing_pull}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    COMMANDS[sys.argv[1]](*sys.argv[2:])
