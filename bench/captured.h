#pragma once
// Objects as kube-apiserver 1.34.4 sent them on a watch, captured once: bench/data.

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "capp/plan.h"
#include "capp/world.h"
#include "json/filter.h"
#include "object/record.h"

namespace bench {

// The lines of a file in bench/data: one event each, the Capp's first.
const std::vector<std::string>& lines_of(std::string_view file);

// What of an event is parsed.
json::Filter event_filter(const object::Projection& projection);
// The filtered object of an event.
boost::json::value object_of(const std::string& line, const object::Projection& projection);
object::RecordPtr record_of(const std::string& line, const object::Projection& projection);
object::OwnedSetPool& pool();

// The Capp of a file with all that belongs to it.
capp::World world_of(std::string_view file);
// What the applier answers where nothing has to be sent.
capp::Results unchanged(const capp::World& world, const capp::Plan& plan);

}  // namespace bench
