#pragma once
// The kinds of objects that the domain reads or writes.

#include "object/kind.h"

namespace capp {

inline constexpr object::Kind kCapp{"rcs.dana.io", "v1alpha1", "Capp", "capps"};
inline constexpr object::Kind kCappRevision{"rcs.dana.io", "v1alpha1", "CappRevision",
                                            "capprevisions"};
inline constexpr object::Kind kKnativeService{"serving.knative.dev", "v1", "Service", "services"};
inline constexpr object::Kind kKnativeRevision{"serving.knative.dev", "v1", "Revision",
                                               "revisions"};
inline constexpr object::Kind kConfigMap{"", "v1", "ConfigMap", "configmaps"};

}  // namespace capp
