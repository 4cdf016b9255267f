"""The schema of a CappRevision: a past version of a Capp."""

from schema import (
    column,
    custom_resource_definition,
    integer,
    opaque,
    root,
    string_map,
    struct,
)

IMAGE = ".spec.cappTemplate.cappSpec.configurationSpec.template.spec.containers[0].image"

COLUMNS = [
    column("Number", ".spec.revisionNumber", "Number of the revision", type="integer"),
    column("Age", ".metadata.creationTimestamp", "Time since creation", type="date"),
    column("Image", IMAGE, "Image of the first container"),
    column(
        "By",
        r".spec.cappTemplate.annotations.rcs\.dana\.io/last-updated-by",
        "Who made this version",
    ),
]


def crd():
    schema = root(
        "A CappRevision is a version of a Capp, kept for history and for going back.",
        {
            "spec": spec(),
            # There is nothing in it; the typed clients of the Go operators send an empty one.
            "status": {"description": "Always empty.", "type": "object"},
        },
        required=["spec"],
    )
    return custom_resource_definition("CappRevision", "capprevisions", schema, COLUMNS)


def spec():
    # The Capp's spec was valid when it was copied, so its schema is not repeated here.
    template = struct(
        "The Capp as it was.",
        {
            "cappSpec": opaque("Spec of the Capp."),
            "labels": string_map("Labels of the Capp."),
            "annotations": string_map("Annotations of the Capp."),
        },
    )
    return struct(
        "Which version this is, and what the Capp was then.",
        {
            "revisionNumber": integer(
                "Number of the revision; a newer one has a greater.", format="int64", minimum=1
            ),
            "cappTemplate": template,
        },
        required=["cappTemplate", "revisionNumber"],
    )
