"""Words for structural OpenAPI v3 schemas, so that capp.py reads like the API it describes.

Every function returns a plain dict of JSON values. `rules` are CEL rules made by `rule()`.
"""

import json

# A label of a DNS name as RFC 1123 has it, in lower case as all names in Kubernetes.
DNS_LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"

# Core's own pattern for a resource.Quantity, as controller-gen writes it into every CRD.
QUANTITY_PATTERN = (
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"
    r"(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
)


def string(description, rules=(), **keywords):
    schema = {"description": description, "type": "string", **keywords}
    return schema | ({"x-kubernetes-validations": list(rules)} if rules else {})


def boolean(description):
    return {"description": description, "type": "boolean"}


def integer(description, format="int32", **keywords):
    return {"description": description, "type": "integer", "format": format, **keywords}


def quantity(description=None):
    """A number or a string such as `500m` or `2Gi`."""
    schema = {
        "anyOf": [{"type": "integer"}, {"type": "string"}],
        "pattern": QUANTITY_PATTERN,
        "x-kubernetes-int-or-string": True,
    }
    return {"description": description, **schema} if description else schema


def struct(description, properties, required=(), rules=(), **keywords):
    """An object with known fields; the API server drops any other."""
    schema = {"description": description, "type": "object", "properties": properties, **keywords}
    if required:
        schema["required"] = list(required)
    if rules:
        schema["x-kubernetes-validations"] = list(rules)
    return schema


def open_struct(description, properties, required=(), **keywords):
    """An object with known fields that keeps the unknown ones too: somebody else's type."""
    return struct(description, properties, required, **keywords) | preserve_unknown()


def opaque(description):
    """An object that is kept as it comes."""
    return {"description": description, "type": "object"} | preserve_unknown()


def string_map(description):
    return {
        "description": description,
        "type": "object",
        "additionalProperties": {"type": "string"},
    }


def quantity_map(description):
    return {"description": description, "type": "object", "additionalProperties": quantity()}


def atomic_list(description, items, **keywords):
    """A list that server-side apply replaces whole."""
    return {
        "description": description,
        "type": "array",
        "items": items,
        "x-kubernetes-list-type": "atomic",
        **keywords,
    }


def keyed_list(description, keys, items, **keywords):
    """A list whose entries are unique by `keys`, which server-side apply merges by them."""
    return {
        "description": description,
        "type": "array",
        "items": items,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": list(keys),
        **keywords,
    }


# What rule() tells of a string: the whole of it.
SELF = ('"%s"', "self")


def rule(expression, message, value=None, *arguments, **keywords):
    """A CEL rule. The API server tells the field by itself, but of its value no more than the type:
    `value` is what to tell of it before the message, a format of CEL with its arguments."""
    told = {"rule": expression, "message": message}
    if value:
        # A JSON string is one of CEL too. One call and no `+`: its estimated cost has no bound where
        # a side of it is a number as text, and the API server refuses that.
        text = json.dumps(f"{value}: {message}")
        told["messageExpression"] = f"{text}.format([{', '.join(arguments)}])"
    return told | keywords


def preserve_unknown():
    return {"x-kubernetes-preserve-unknown-fields": True}


def conditions(description):
    """A list of metav1.Condition, with the bounds that apimachinery declares on its fields."""
    condition = struct(
        "One aspect of the current state.",
        {
            "type": string("CamelCase name of the condition.", maxLength=316),
            "status": string("Status of the condition.", enum=["True", "False", "Unknown"]),
            "observedGeneration": integer(
                "The metadata.generation that the condition was computed from.",
                format="int64",
                minimum=0,
            ),
            "lastTransitionTime": string("When the status last changed.", format="date-time"),
            "reason": string(
                "CamelCase reason of the last transition.",
                maxLength=1024,
                minLength=1,
                pattern="^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
            ),
            "message": string("Details for a person; may be empty.", maxLength=32768),
        },
        required=["lastTransitionTime", "message", "reason", "status", "type"],
    )
    return keyed_list(description, ["type"], condition)


def column(name, path, description, type="string", priority=0):
    """A column of `kubectl get`; priority 1 shows only with `-o wide`."""
    printed = {"name": name, "type": type, "jsonPath": path, "description": description}
    return printed | ({"priority": priority} if priority else {})


def custom_resource_definition(kind, plural, schema, columns, categories=(), subresources=None):
    """The CustomResourceDefinition of one namespaced kind of rcs.dana.io/v1alpha1."""
    names = {"kind": kind, "listKind": kind + "List", "plural": plural, "singular": kind.lower()}
    if categories:
        names["categories"] = list(categories)
    version = {
        "name": "v1alpha1",
        "served": True,
        "storage": True,
        "additionalPrinterColumns": columns,
        "schema": {"openAPIV3Schema": schema},
    }
    if subresources:
        version["subresources"] = subresources
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": plural + ".rcs.dana.io"},
        "spec": {
            "group": "rcs.dana.io",
            "names": names,
            "scope": "Namespaced",
            "versions": [version],
        },
    }


def root(description, properties, required=(), rules=()):
    """The schema of a whole object; the API server itself checks the three fields added here."""
    return struct(
        description,
        {
            "apiVersion": string("Version of the schema of this object."),
            "kind": string("Kind of this object."),
            # The name is declared for rules to point at.
            "metadata": {"type": "object", "properties": {"name": {"type": "string"}}},
            **properties,
        },
        required,
        rules,
    )
