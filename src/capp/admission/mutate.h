#pragma once
// What admission writes into a Capp that is asked for (behaviour 5).

#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "capp/config.h"

namespace capp::admission {

// The operations of a JSON patch of `capp`, the whole object as it was sent; `stored` is the one
// that it replaces, null for a new one. It says who asked, and gives a container the configured cpu
// and memory where it sets none itself: no request above its own limit, and no limit below its own
// request, since the API server would refuse the pod. An update that leaves the spec as it is keeps
// its containers, since a label must not roll out a new revision. Containers after the first 100
// get nothing, and so does a Capp that is being deleted.
[[nodiscard]] boost::json::array mutate(const boost::json::object& capp,
                                        const boost::json::object* stored,
                                        std::string_view username,
                                        const DefaultResources& defaults);

}  // namespace capp::admission
