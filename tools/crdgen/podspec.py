"""Turns core's PodSpec, as its OpenAPI document describes it, into a structural schema for a CRD.

What stays: every field, its type, what is required, and the list types and keys by which
server-side apply merges. What changes, and why:

- What Knative fills in is not required (NOT_REQUIRED).
- Unknown fields are preserved in every object: a Capp passes its pod spec through, and the cluster
  may be newer than this schema.
- A description is cut to its first sentence, and left out below UNDESCRIBED: the CRD must fit into
  the annotation of a client-side `kubectl apply` (262144 bytes).
- Fields in OPAQUE lose their inner structure, which keeps the CRD small: volume plugins that
  Kubernetes has deprecated or moved to CSI, and what a Knative Service has no use for.
- Defaults go: the operator must see what the user wrote. A merge key that may be left out keeps its
  default, because the API server demands one.
"""

import re

import schema

POD_SPEC = "io.k8s.api.core.v1.PodSpec"
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"

# A pod spec of no fields, for those who are interested in the rest of a Capp.
EMPTY = {"type": "object", "properties": {}}

# Knative names a single container, and lets its probes ask the container's only port.
NOT_REQUIRED = {
    "io.k8s.api.core.v1.Container": "name",
    "io.k8s.api.core.v1.GRPCAction": "port",
    "io.k8s.api.core.v1.HTTPGetAction": "port",
    "io.k8s.api.core.v1.TCPSocketAction": "port",
}

# Paths are field names from the pod spec down; the items of a list have the path of the list.
UNDESCRIBED = {
    "affinity",
    "dnsConfig",
    "initContainers",  # the same fields as containers
    "topologySpreadConstraints",
}
OPAQUE = {
    "containers.securityContext.windowsOptions",
    "ephemeralContainers",
    "initContainers.lifecycle",
    "initContainers.livenessProbe",
    "initContainers.readinessProbe",
    "initContainers.securityContext.windowsOptions",
    "initContainers.startupProbe",
    "securityContext.windowsOptions",
    "volumes.awsElasticBlockStore",
    "volumes.azureDisk",
    "volumes.azureFile",
    "volumes.cephfs",
    "volumes.cinder",
    "volumes.ephemeral.volumeClaimTemplate",
    "volumes.fc",
    "volumes.flexVolume",
    "volumes.flocker",
    "volumes.gcePersistentDisk",
    "volumes.gitRepo",
    "volumes.glusterfs",
    "volumes.iscsi",
    "volumes.photonPersistentDisk",
    "volumes.portworxVolume",
    "volumes.quobyte",
    "volumes.rbd",
    "volumes.scaleIO",
    "volumes.storageos",
    "volumes.vsphereVolume",
}

# The keywords of core's document that mean the same in a structural schema.
KEPT_KEYWORDS = (
    "type",
    "format",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
)


class PodSpecBuilder:
    """Expands references of one OpenAPI v3 document (`definitions`: name → schema)."""

    def __init__(self, definitions):
        self._definitions = definitions

    def build(self):
        return self._expand({"$ref": POD_SPEC}, path=())

    def _expand(self, source, path):
        name, source = self._resolve(source)
        if name == QUANTITY:
            return self._describe(schema.quantity(), source, path)
        if name == INT_OR_STRING:
            either = {
                "anyOf": [{"type": "integer"}, {"type": "string"}],
                "x-kubernetes-int-or-string": True,
            }
            return self._describe(either, source, path)
        result = {key: source[key] for key in KEPT_KEYWORDS if key in source}
        if required := _required(name, source):
            result["required"] = required
        if "properties" in source and not _is(path, OPAQUE):
            result["properties"] = self._properties(source, path)
        if "additionalProperties" in source:
            result["additionalProperties"] = self._expand(
                source["additionalProperties"], path + ("*",)
            )
        elif result.get("type") == "object":
            result |= schema.preserve_unknown()
        if "items" in source:
            result["items"] = self._items(source, path)
        return self._describe(result, source, path)

    def _resolve(self, source):
        """Follows a reference; what stands beside it (its description) wins."""
        beside = {key: value for key, value in source.items() if key not in ("$ref", "allOf")}
        reference = source.get("$ref") or source.get("allOf", [{}])[0].get("$ref")
        if not reference:
            return None, source
        name = reference.rsplit("/", 1)[-1]
        return name, self._definitions[name] | beside

    def _properties(self, source, path):
        return {
            name: self._expand(field, path + (name,))
            for name, field in sorted(source["properties"].items())
        }

    def _items(self, source, path):
        """The schema of the entries; merge keys get what the API server demands of them."""
        keys = source.get("x-kubernetes-list-map-keys", [])
        items = self._expand(source["items"], path)
        name, entry = self._resolve(source["items"])
        for key in keys:
            field = entry["properties"][key]
            known = items.setdefault("properties", {}).setdefault(key, {"type": field["type"]})
            if key not in _required(name, entry):
                known["default"] = field["default"]
        return items

    def _describe(self, result, source, path):
        text = first_sentence(source.get("description", ""))
        if not text or not path or path[-1] == "*" or _is_below(path, UNDESCRIBED | OPAQUE):
            return result
        return {"description": text} | result


def _required(name, source):
    return [key for key in source.get("required", []) if key != NOT_REQUIRED.get(name)]


def _is(path, paths):
    return ".".join(path) in paths


def _is_below(path, paths):
    return any(_is(path[:length], paths) for length in range(1, len(path)))


def first_sentence(text):
    """The first sentence of a description, on one line."""
    flat = " ".join(text.split())
    end = re.search(r"(?<!e\.g)(?<!i\.e)[.!](?= [A-Z*`'\"])", flat)
    return flat[: end.end()] if end else flat
