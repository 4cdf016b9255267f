#pragma once
// What the sources of events have in common: they send to the Capp's Knative Service.

#include <span>
#include <string>

#include <boost/json/object.hpp>

#include "capp/capp.h"
#include "object/record.h"

namespace capp {

// "<capp>-<source>": the name of a source's object.
[[nodiscard]] std::string source_name(const Capp& capp, const EventSource& source);

// `spec.sink`.
[[nodiscard]] boost::json::object sink(const Capp& capp, const EventSource& source);

// `eventingStatus` with the readiness of each of `records`.
[[nodiscard]] boost::json::object eventing_status(std::span<const object::RecordPtr> records);

}  // namespace capp
