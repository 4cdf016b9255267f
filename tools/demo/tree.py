#!/usr/bin/env python3
"""Shows what belongs to a Capp as a tree, with what each object says of itself: tree.py CAPP

By owner references; a TLS Secret has none and stands below the Certificate that cert-manager names in it.
"""

import json
import subprocess
import sys

from others import KINDS

SHOWN = ["capps.rcs.dana.io", *KINDS, "revisions.serving.knative.dev", "capprevisions.rcs.dana.io", "secrets", "pods"]


def objects():
    listed = subprocess.run(["kubectl", "get", ",".join(SHOWN), "--output", "json"],
                            text=True, check=True, stdout=subprocess.PIPE)
    return json.loads(listed.stdout)["items"]


def name_of(thing):
    return f"{thing['kind']} {thing['metadata']['name']}"


def parents(thing):
    """The names of those that it belongs to."""
    owners = [f"{owner['kind']} {owner['name']}" for owner in thing["metadata"].get("ownerReferences", [])]
    certificate = thing["metadata"].get("annotations", {}).get("cert-manager.io/certificate-name")
    return owners + ([f"Certificate {certificate}"] if certificate else [])


def state(thing):
    status = thing.get("status", {})
    for condition in status.get("conditions", []):
        if condition["type"] == "Ready":
            return "ready" if condition["status"] == "True" else f"not ready: {condition['reason']}"
    if thing["kind"].startswith("SyslogNG"):
        return "active" if status.get("active") else "not active yet"
    if thing["kind"] == "NfsPvc":
        return f"claim {status.get('pvcPhase', 'not there yet')}"
    if thing["kind"] in ("CappRevision", "Secret"):
        return ""
    return "no conditions yet"


def draw(found, thing, indent=""):
    below = [other for other in found if name_of(thing) in parents(other)]
    for other in below:
        last = other is below[-1]
        print(f"{indent + ('└─ ' if last else '├─ ') + name_of(other):<52} {state(other)}".rstrip())
        draw(found, other, indent + ("   " if last else "│  "))


def main(capp):
    found = objects()
    root = next((thing for thing in found if name_of(thing) == f"Capp {capp}"), None)
    if root is None:
        sys.exit(f"there is no Capp {capp}")
    print(f"{name_of(root):<52} {state(root)}")
    draw(found, root)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
