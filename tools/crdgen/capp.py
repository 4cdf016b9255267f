"""The schema of a Capp, but for the pod spec inside, which comes from core (podspec.py).

Two generations of the API are served at once: a field that only one of them has is optional, and
nothing but what they had in common is required.

What a typed Go client sends for a field that was left out (an empty object, a null, an empty
string) must stay valid. The API server drops a null from a field that is not nullable in a POST or
PUT, but refuses it in a server-side apply; so the two times that Go clients always send are
nullable.
"""

import cron
from schema import (
    DNS_LABEL,
    SELF,
    atomic_list,
    boolean,
    column,
    conditions,
    custom_resource_definition,
    integer,
    keyed_list,
    opaque,
    open_struct,
    quantity_map,
    root,
    rule,
    string,
    string_map,
    struct,
)

SCALE_METRICS = ["concurrency", "rps", "cpu", "memory"]

# Bounds the cost of the CEL rules of list entries, which the API server limits; more volumes or
# event sources than anybody gives a single application.
MAX_ENTRIES = 100

# What Kubernetes allows the name of an object, which a hostname becomes.
MAX_HOSTNAME_LENGTH = 253

# The name becomes the value of a label and a part of other names. A name never changes, so an
# object that was stored before this rule is left alone: it must still take its status, and go.
NAME_RULE = rule(
    "oldSelf.hasValue() || (size(self.metadata.name) <= 63"
    " && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$'))",
    "a Capp's name must be at most 63 characters: lower case letters, digits and '-',"
    " beginning with a letter and ending with a letter or digit",
    '"%s"',
    "self.metadata.name",
    fieldPath=".metadata.name",
    optionalOldSelf=True,
)


# The API server lets what breaks a rule stay while the part that the rule stands at does not change.
# That of TOP_MIN_MAX_RULE is the whole spec, so it says by itself what may not have changed.
SAME_REPLICAS = (
    "oldSelf.hasValue() && oldSelf.value().?minReplicas == self.?minReplicas"
    " && oldSelf.value().?scaleSpec.?minReplicas == self.?scaleSpec.?minReplicas"
    " && oldSelf.value().?scaleSpec.?maxReplicas == self.?scaleSpec.?maxReplicas"
)
TOP_MIN_MAX_RULE = rule(
    "!has(self.minReplicas) || !has(self.scaleSpec) || has(self.scaleSpec.minReplicas)"
    " || !has(self.scaleSpec.maxReplicas) || self.minReplicas <= self.scaleSpec.maxReplicas"
    f" || {SAME_REPLICAS}",
    "minReplicas must be less than or equal to maxReplicas of scaleSpec",
    "%d with maxReplicas %d",
    "self.minReplicas",
    "self.scaleSpec.maxReplicas",
    fieldPath=".minReplicas",
    optionalOldSelf=True,
)
MIN_MAX_RULE = rule(
    "!has(self.minReplicas) || !has(self.maxReplicas) || self.minReplicas <= self.maxReplicas",
    "minReplicas must be less than or equal to maxReplicas",
    "%d with maxReplicas %d",
    "self.minReplicas",
    "self.maxReplicas",
    fieldPath=".minReplicas",
)


def crd(pod_spec):
    """The CustomResourceDefinition. `pod_spec` is core's PodSpec as a structural schema."""
    schema = root(
        "A Capp is a containerized application: the operator runs it as a Knative Service and adds"
        " its DNS name, certificate, volumes, log shipping and event sources.",
        {"spec": spec(pod_spec), "status": status()},
        required=["spec"],
        rules=[NAME_RULE],
    )
    return custom_resource_definition(
        "Capp",
        "capps",
        schema,
        COLUMNS,
        categories=["all", "knative"],
        subresources={"status": {}},
    )


COLUMNS = [
    column("Custom URL", ".spec.routeSpec.hostname", "The custom DNS name"),
    column("AutoScale Type", ".status.autoscaleType", "The metric that the Capp scales by"),
    column("Ready", ".status.conditions[?(@.type=='Ready')].status", "Whether all of it works"),
    column("Reason", ".status.conditions[?(@.type=='Ready')].reason", "Why it is ready, or not"),
    column("Age", ".metadata.creationTimestamp", "Time since creation", type="date"),
    column("Site", ".status.applicationLinks.site", "The cluster it runs on", priority=1),
    column("State", ".spec.state", "Whether it should run", priority=1),
    column(
        "Latest Ready Revision",
        ".status.knativeObjectStatus.latestReadyRevisionName",
        "The newest Knative Revision that became ready",
        priority=1,
    ),
]


def spec(pod_spec):
    return struct(
        "What the Capp should be.",
        {
            "scaleMetric": string(
                "Metric to scale by. scaleSpec.metric wins over it.",
                enum=SCALE_METRICS,
                default="concurrency",
            ),
            "site": string("Where to run: the name of a managed cluster or of a Placement."),
            "state": string(
                "Whether the Capp runs. A disabled one keeps all but its Knative Service.",
                enum=["enabled", "disabled"],
                default="enabled",
            ),
            "minReplicas": integer(
                "Least number of replicas. scaleSpec.minReplicas wins over it.", minimum=0
            ),
            "scaleSpec": scale_spec(),
            "configurationSpec": configuration_spec(pod_spec),
            "routeSpec": route_spec(),
            "volumesSpec": volumes_spec(),
            "logSpec": log_spec(),
            "eventSourcesSpec": event_sources_spec(),
        },
        required=["configurationSpec"],
        rules=[TOP_MIN_MAX_RULE],
    )


def scale_spec():
    # metric has no default: it would hide the scaleMetric that the same Capp gives.
    return struct(
        "How the Capp scales. A field that is set here wins over its twin in spec.",
        {
            "metric": string("Metric to scale by.", enum=SCALE_METRICS),
            "minReplicas": integer("Least number of replicas.", minimum=0),
            "maxReplicas": integer("Greatest number of replicas.", minimum=1),
            "scaleDelaySeconds": integer(
                "How long, in seconds, load must have been lower before scaling down.", minimum=0
            ),
        },
        rules=[MIN_MAX_RULE],
    )


def configuration_spec(pod_spec):
    return open_struct(
        "Knative ConfigurationSpec: what runs. It is passed on to the Knative Service.",
        {
            "template": open_struct(
                "What each Knative Revision is made from.",
                {"metadata": template_metadata(), "spec": revision_spec(pod_spec)},
                required=["spec"],
            )
        },
        required=["template"],
    )


def template_metadata():
    return open_struct(
        "Metadata of each Revision.",
        {
            "name": string("Name of the Revision; must begin with the name of the Capp."),
            "labels": string_map("Labels of each Revision."),
            "annotations": string_map("Annotations of each Revision."),
            "creationTimestamp": string("Not used.", format="date-time", nullable=True),
        },
    )


def revision_spec(pod_spec):
    """Knative's RevisionSpec: core's PodSpec and four fields beside it."""
    knative = {
        "containerConcurrency": integer(
            "Most requests that one replica works on at a time; 0 means no limit.", format="int64"
        ),
        "timeoutSeconds": integer("Longest time for a response, in seconds.", format="int64"),
        "responseStartTimeoutSeconds": integer(
            "Longest time until a response begins, in seconds.", format="int64"
        ),
        "idleTimeoutSeconds": integer(
            "Longest time without a byte from the application, in seconds.", format="int64"
        ),
    }
    described = {"description": "Knative RevisionSpec: a PodSpec and Knative's own fields."}
    return described | pod_spec | {"properties": knative | pod_spec["properties"]}


def route_spec():
    return struct(
        "How the Capp is reached.",
        {
            "hostname": string(
                "Custom DNS name: a full one, or one inside the zone of the configuration.",
                [
                    rule(
                        f"self == '' || self.matches('^{DNS_LABEL}([.]{DNS_LABEL})*$')",
                        "hostname must be a fully qualified DNS name, or one inside the zone, in"
                        " lower case and without a final dot",
                        *SELF,
                    )
                ],
                maxLength=MAX_HOSTNAME_LENGTH,
            ),
            "tlsEnabled": boolean("Whether hostname is served over HTTPS with a certificate."),
            "trafficTarget": open_struct(
                "One Knative TrafficTarget: the Revision that gets the traffic.",
                {
                    "revisionName": string("Revision that gets the traffic."),
                    "configurationName": string("Configuration whose newest Revision gets it."),
                    "latestRevision": boolean("Whether the newest ready Revision gets it."),
                    "percent": integer(
                        "Part of the traffic, in percent.", format="int64", minimum=0, maximum=100
                    ),
                    "tag": string("Name in a URL that leads to this target alone."),
                    "url": string("Set by Knative in a status only."),
                },
            ),
            "routeTimeoutSeconds": integer(
                "Longest time for a response, in seconds.", format="int64"
            ),
        },
    )


def volumes_spec():
    nfs_volume = struct(
        "A volume on an NFS server.",
        {
            "name": string(
                "Name of the volume, by which a volumeMount names it.",
                [
                    rule(
                        "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
                        "a volume's name must be lower case letters, digits and '-',"
                        " beginning and ending with a letter or digit",
                        *SELF,
                    )
                ],
                maxLength=63,
            ),
            "server": string("Host name or IP address of the NFS server.", minLength=1),
            "path": string(
                "Path that the server exports.",
                [rule("self.startsWith('/')", "path must begin with '/'", *SELF)],
                maxLength=4096,
            ),
            "capacity": quantity_map("Capacity of the volume: storage and a quantity, like 200Gi."),
        },
        required=["name", "server", "path", "capacity"],
    )
    return struct(
        "Volumes that the operator provides; containers mount them by name.",
        {
            "nfsVolumes": keyed_list(
                "Volumes on NFS servers.", ["name"], nfs_volume, maxItems=MAX_ENTRIES
            )
        },
    )


def log_spec():
    return struct(
        "Where the logs of the Capp go. Without a type they stay in the cluster.",
        {
            "type": string("Kind of destination.", enum=["elastic", "elastic-datastream"]),
            "host": string("Host or URL of Elasticsearch."),
            "index": string("Index to write to. elastic-datastream ignores it."),
            "user": string("User to log in as."),
            "passwordSecret": string(
                "Secret in the namespace of the Capp whose key elastic holds the password."
            ),
        },
    )


def event_sources_spec():
    source = struct(
        "One source of events: a schedule or Kafka topics.",
        {
            "name": string("Name of the source, unique in the Capp.", minLength=1),
            "uri": string(
                "Path of the Capp that the events are sent to.",
                [rule("self.startsWith('/')", "uri must begin with '/'", *SELF)],
                maxLength=2048,
            ),
            "pingSourceConfiguration": struct(
                "Sends an event by a schedule.",
                {
                    "schedule": string(
                        "When to send, in cron format.",
                        [
                            rule(
                                f"self == '' || self.matches(r'{cron.SCHEDULE}')",
                                "schedule must be a cron schedule of five fields (minute, hour, day,"
                                " month, weekday), of six with seconds before them, or a name like"
                                " @daily",
                                *SELF,
                            )
                        ],
                        maxLength=cron.MAX_LENGTH,
                        default="* * * * *",
                    ),
                    "data": string("What to send: JSON."),
                },
            ),
            "kafkaSourceConfiguration": kafka_source(),
        },
        required=["name"],
        rules=[
            rule(
                "has(self.pingSourceConfiguration) != has(self.kafkaSourceConfiguration)",
                "a source must have exactly one of pingSourceConfiguration and"
                " kafkaSourceConfiguration",
            )
        ],
    )
    return struct(
        "Events that are sent to the Capp.",
        {"sources": keyed_list("Sources of events.", ["name"], source, maxItems=MAX_ENTRIES)},
    )


def kafka_source():
    return struct(
        "Sends an event for each message of Kafka topics.",
        {
            "bootstrapServers": atomic_list(
                "Kafka servers, each with its port.", {"type": "string"}, minItems=1
            ),
            "topics": atomic_list("Topics to read.", {"type": "string"}, minItems=1),
            "consumerGroup": string("Consumer group; the operator names one if this is empty."),
            "consumers": integer("Number of consumers.", minimum=1, default=1),
            "secretRef": struct(
                "Secret with the keys user, password and sasl.mechanism.",
                {"name": string("Name of the Secret.")},
                **{"x-kubernetes-map-type": "atomic"},
            ),
        },
        required=["bootstrapServers", "topics"],
    )


def status():
    """What the operator writes. A status that belongs to another project is kept as it comes."""
    return struct(
        "What the Capp is, as last observed.",
        {
            "observedGeneration": integer(
                "The metadata.generation that this status describes.", format="int64"
            ),
            "conditions": conditions(
                "Ready, and a condition for each concern that the Capp asks for."
            ),
            "autoscaleType": string("The metric that the Capp scales by."),
            "stateStatus": struct(
                "The state last acted on.",
                {
                    "state": string("enabled or disabled."),
                    "lastChange": string(
                        "When the state changed.", format="date-time", nullable=True
                    ),
                },
            ),
            "knativeObjectStatus": opaque("Status of the Knative Service."),
            "revisions": atomic_list(
                "The Knative Revisions of the Capp.",
                struct(
                    "A Knative Revision.",
                    {
                        "name": string("Name of the Revision."),
                        "revisionsStatus": opaque("Status of the Revision."),
                    },
                ),
            ),
            "routeStatus": route_status(),
            "volumesStatus": volumes_status(),
            "loggingStatus": logging_status(),
            "eventingStatus": eventing_status(),
            "applicationLinks": struct(
                "Where to find the Capp, on OpenShift.",
                {
                    "consoleLink": string("Host of the cluster's console."),
                    "site": string("Name of the cluster."),
                },
            ),
        },
    )


def route_status():
    return struct(
        "State of the custom DNS name.",
        {
            "domainMappingObjectStatus": opaque("Status of the DomainMapping."),
            "dnsRecordObjectStatus": struct(
                "State of the DNS record.",
                {"cnameRecordObjectStatus": opaque("Status of the CNAMERecord.")},
            ),
            "certificateObjectStatus": opaque("Status of the Certificate."),
            "tlsSecretNames": atomic_list(
                "Names of TLS Secrets that go when their Certificates are no longer wanted: the"
                " operator's own bookkeeping.",
                {"type": "string"},
            ),
        },
    )


def volumes_status():
    nfs_volume = struct(
        "State of a volume.",
        {
            "volumeName": string("Name of the volume."),
            "nfsPvcStatus": opaque("Status of the NfsPvc."),
        },
    )
    return struct(
        "State of the volumes.",
        {"nfsVolumesStatus": atomic_list("State of each NFS volume.", nfs_volume)},
    )


def logging_status():
    return struct(
        "State of the log shipping.",
        {
            "syslogngflow": opaque("Status of the SyslogNGFlow."),
            "syslogngoutput": opaque("Status of the SyslogNGOutput."),
            "conditions": conditions("LoggingIsReady."),
        },
    )


def eventing_status():
    event_source = struct(
        "State of a source.",
        {
            "name": string("Name of the PingSource or KafkaSource."),
            "condition": opaque("The source's condition Ready."),
        },
    )
    return struct(
        "State of the event sources.",
        {"eventSources": atomic_list("State of each source, by name.", event_source)},
    )
