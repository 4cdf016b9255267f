"""The schema of a CappConfig: what holds for all Capps of a cluster.

Nothing in it is required: what is left out has the value that is built into the operator. Typed Go
clients send empty objects and empty strings for what they leave out, and a null for the list of
patterns; all three mean the same here.
"""

from schema import (
    DNS_LABEL,
    SELF,
    atomic_list,
    column,
    custom_resource_definition,
    integer,
    quantity_map,
    root,
    rule,
    string,
    struct,
)

# They bound the cost of compiling the patterns, which the API server limits.
MAX_PATTERNS = 100
MAX_PATTERN_LENGTH = 1024

# A name in the DNS, which those of objects and of API groups follow: 253 characters and a last dot.
MAX_NAME_LENGTH = 254
OBJECT_NAME = "[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*"

COLUMNS = [
    column("Zone", ".spec.dnsConfig.zone", "The DNS zone of the hostnames"),
    column("Provider", ".spec.dnsConfig.provider", "Configuration of the DNS provider"),
    column("Age", ".metadata.creationTimestamp", "Time since creation", type="date"),
]


def crd():
    schema = root(
        "A CappConfig holds what is the same for all Capps. The one named capp-config in the"
        " operator's namespace counts.",
        {
            "spec": spec(),
            # There is nothing in it; the typed clients of the Go operators send an empty one.
            "status": {"description": "Always empty.", "type": "object"},
        },
        required=["spec"],
    )
    return custom_resource_definition("CappConfig", "cappconfigs", schema, COLUMNS)


def spec():
    return struct(
        "What is in force.",
        {
            "dnsConfig": dns_config(),
            "autoscaleConfig": autoscale_config(),
            "defaultResources": default_resources(),
            "allowedHostnamePatterns": allowed_hostname_patterns(),
            "revisionHistoryLimit": integer(
                "How many CappRevisions of a Capp are kept.", minimum=1, default=10
            ),
            "maxKafkaConsumers": integer(
                "Greatest number of consumers of a Kafka source.", minimum=1, default=5
            ),
        },
    )


def dns_config():
    return struct(
        "Where hostnames live. Without it no Capp can have a hostname.",
        {
            # Names of objects are made from the zone, hence the lower case.
            "zone": name(
                "DNS zone of the hostnames, with its trailing dot.",
                f"({DNS_LABEL}[.])+",
                "zone must be a DNS name in lower case that ends in '.', like apps.example.com.",
            ),
            "cname": name(
                "DNS name that the record of each hostname points to.",
                f"(?i){DNS_LABEL}([.]{DNS_LABEL})*[.]?",
                "cname must be a DNS name, like ingress.example.com",
            ),
            "provider": name(
                "Name of the configuration of Crossplane's DNS provider; dns-default if not given.",
                OBJECT_NAME,
                "provider must be the name of an object: lower case letters, digits, '-' and '.'",
            ),
            "issuerRef": issuer_ref(),
        },
    )


def name(description, pattern, message):
    """A string that is empty or matches the pattern as a whole."""
    return string(
        description,
        [rule(f"self == '' || self.matches('^{pattern}$')", message, *SELF)],
        maxLength=MAX_NAME_LENGTH,
    )


def issuer_ref():
    return struct(
        "Who issues the certificates, as a Certificate of cert-manager names it.",
        {
            "name": name(
                "Name of the issuer.",
                OBJECT_NAME,
                "name must be the name of an object: lower case letters, digits, '-' and '.'",
            ),
            "kind": name(
                "Kind of the issuer.",
                "[A-Za-z0-9]+",
                "kind must be the name of a kind, like ClusterIssuer",
            ),
            "group": name(
                "API group of that kind.",
                OBJECT_NAME,
                "group must be an API group, like cert-manager.io",
            ),
        },
        rules=[
            rule(
                "(has(self.name) && self.name != '')"
                " || ((!has(self.kind) || self.kind == '')"
                " && (!has(self.group) || self.group == ''))",
                "issuerRef must have a name",
                fieldPath=".name",
                reason="FieldValueRequired",
            )
        ],
    )


def autoscale_config():
    return struct(
        "What one replica is expected to carry, and the limits of what a Capp may ask for.",
        {
            "rps": integer("Requests per second; 200 if not given.", minimum=1),
            "cpu": integer("Percent of the requested CPU; 80 if not given.", minimum=1),
            "memory": integer("Memory in Mi; 70 if not given.", minimum=1),
            "concurrency": integer("Requests at a time; 10 if not given.", minimum=1),
            "activationScale": integer(
                "Replicas that a Capp without minReplicas starts with from zero; 3 if not given.",
                minimum=2,
            ),
            "minReplicasLimit": integer("Greatest minReplicas of a Capp.", minimum=1),
            "maxReplicasLimit": integer("Greatest maxReplicas of a Capp.", minimum=1),
            "maxScaleDelay": integer(
                "Greatest scaleDelaySeconds of a Capp, in seconds.", minimum=0, default=3600
            ),
        },
        rules=[
            rule(
                "!has(self.minReplicasLimit) || !has(self.maxReplicasLimit)"
                " || self.minReplicasLimit <= self.maxReplicasLimit",
                "minReplicasLimit must be less than or equal to maxReplicasLimit",
                "%d with maxReplicasLimit %d",
                "self.minReplicasLimit",
                "self.maxReplicasLimit",
                fieldPath=".minReplicasLimit",
            )
        ],
    )


def default_resources():
    """Core's ResourceRequirements but for `claims`, which a Knative Service has not."""
    return struct(
        "Resources of a container that sets none itself; cpu and memory count.",
        {
            "limits": quantity_map("The most that the container may use."),
            "requests": quantity_map("What is set aside for the container."),
        },
        rules=[request_within_limit("cpu"), request_within_limit("memory")],
    )


def request_within_limit(resource):
    """Core refuses a pod of which a request exceeds its limit."""
    request, limit = f"self.requests['{resource}']", f"self.limits['{resource}']"
    return rule(
        f"!(has(self.requests) && '{resource}' in self.requests)"
        f" || !(has(self.limits) && '{resource}' in self.limits)"
        f" || {_quantity(request)}.compareTo({_quantity(limit)}) <= 0",
        f"the request of {resource} must be less than or equal to the limit",
        fieldPath=".requests",
    )


def _quantity(value):
    """The CEL expression of a quantity that may be written as a number."""
    return f"(type({value}) == int ? quantity('0').add({value}) : quantity({value}))"


def allowed_hostname_patterns():
    # A pattern that does not compile ends the evaluation, and the API server tells why.
    compiles = rule("''.matches(self) in [true, false]", "match must be a regular expression (RE2)")
    pattern = struct(
        "A pattern of hostnames.",
        {
            "match": string(
                "Regular expression (RE2). It may match anywhere in the hostname; ^ and $ anchor"
                " it.",
                [compiles],
                minLength=1,
                maxLength=MAX_PATTERN_LENGTH,
            ),
            "explanation": string("What the pattern stands for; people who are refused read it."),
        },
        required=["match"],
    )
    return atomic_list(
        "Patterns of which a hostname must match one.",
        pattern,
        maxItems=MAX_PATTERNS,
        nullable=True,
    )
