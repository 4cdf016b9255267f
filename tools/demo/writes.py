#!/usr/bin/env python3
"""What the operator has written about one Capp, by the audit log of kube-apiserver, from an offset on:

  writes.py LOG OFFSET CAPP     a line each: verb, resource, name
"""

import json
import sys

_READS = {"get", "list", "watch"}
_OPERATOR = "system:serviceaccount:capp-operator-system:capp-operator-controller-manager"


def writes(log, offset, capp):
    with open(log, "rb") as file:
        file.seek(offset)
        for line in file:
            event = json.loads(line)
            subject = event.get("objectRef", {})
            resource = "/".join(filter(None, (subject.get("resource"), subject.get("subresource"))))
            if event["user"]["username"] != _OPERATOR or event["verb"] in _READS or resource == "events":
                continue
            name = subject.get("name", "")
            if name.startswith(capp):
                yield f"{event['verb']:<8}{resource:<16}{name}"


if __name__ == "__main__":
    print("\n".join(writes(sys.argv[1], int(sys.argv[2]), sys.argv[3])))
