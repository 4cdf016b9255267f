#pragma once
// What the operator keeps of each kind that it watches. Everything else is dropped while parsing.
//
// | kind            | Record::body, compact JSON                                   |
// |-----------------|--------------------------------------------------------------|
// | Capp            | {"metadata":{"labels","annotations"},"spec","status"}        |
// | CappRevision    | {"number":N,"template":"<hash>"}: see revisions.h            |
// | Knative Service | `.status`, or empty                                          |
// | Knative Revision| `.status`, or empty                                          |
// | ConfigMap       | `.data`, or empty                                            |

#include "object/record.h"

namespace capp {

[[nodiscard]] object::Projection capp_projection();
[[nodiscard]] object::Projection revision_projection();
[[nodiscard]] object::Projection config_map_projection();
[[nodiscard]] object::Projection knative_revision_projection();

// Every child kind: its status, the labels that name its Capp, and the fields that are ours.
[[nodiscard]] object::Projection child_projection();

}  // namespace capp
