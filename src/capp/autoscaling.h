#pragma once
// What Knative's autoscaler is told about a Capp (behaviour 2, "Knative Service").

#include <boost/json/object.hpp>

#include "capp/capp.h"
#include "capp/config.h"

namespace capp {

// The annotations of the prefix autoscaling.knative.dev/ that follow from `scale` and the
// configuration, over or under the template's `own` annotations: a CappConfig is law, what
// ConfigMaps say is a default that a template may override.
[[nodiscard]] boost::json::object with_autoscaling(boost::json::object own, const Scale& scale,
                                                   const Config& config);

}  // namespace capp
