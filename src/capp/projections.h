#pragma once
// What the operator keeps of each kind that it watches. Everything else is dropped while parsing.
//
// | kind             | Record::body, compact JSON where nothing else is said        |
// |------------------|--------------------------------------------------------------|
// | Capp             | {"metadata":{"labels","annotations"},"spec","status"}        |
// | CappRevision     | {"number":N,"template":"<hash>"}: see revisions.h            |
// | Knative Revision | `.status`, or empty                                          |
// | ConfigMap        | `.data`, or empty                                            |
// | OpenShift Route  | `.spec.host` as text                                         |
// | children         | `.status`, or empty                                          |
// | NfsPvc, KafkaSource | {"spec","status"}: the spec only where a child asks for it |

#include <string>
#include <vector>

#include "object/record.h"

namespace capp {

[[nodiscard]] object::Projection capp_projection();
[[nodiscard]] object::Projection revision_projection();
[[nodiscard]] object::Projection config_map_projection();
[[nodiscard]] object::Projection knative_revision_projection();
[[nodiscard]] object::Projection route_projection();

// Every child kind: its status, the labels that name its Capp, and the fields that are ours.
[[nodiscard]] object::Projection child_projection();
// The same with some fields of the spec, for a kind whose wanted object depends on them.
[[nodiscard]] object::Projection child_projection_with(const std::vector<std::string>& spec_fields);

}  // namespace capp
