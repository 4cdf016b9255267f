#pragma once
// What the operator keeps of each kind that it watches. Everything else is dropped while parsing.
//
// | kind             | Record::body, compact JSON where nothing else is said         |
// |------------------|---------------------------------------------------------------|
// | Capp             | {"metadata":{"labels","annotations"},"spec","status"}         |
// | CappRevision     | {"number":N,"template":"<hash>"}: see revisions.h             |
// | Knative Revision | {"status"}, or empty                                          |
// | children         | {"spec","status"} or empty; of the spec what a child asks for |
// | OpenShift Route  | `.spec.host` as text                                          |
// | ConfigMap        | `.data`, or empty                                             |

#include <span>
#include <string_view>

#include "object/record.h"

namespace capp {

[[nodiscard]] object::Projection capp_projection();
[[nodiscard]] object::Projection revision_projection();
[[nodiscard]] object::Projection config_map_projection();
[[nodiscard]] object::Projection knative_revision_projection();
[[nodiscard]] object::Projection route_projection();

// Every child kind: its status, the labels that name its Capp, the fields that are ours, and those
// fields of the spec on which its wanted object depends.
[[nodiscard]] object::Projection child_projection(std::span<const std::string_view> spec_fields);

}  // namespace capp
