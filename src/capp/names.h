#pragma once
// The names, labels and annotations that the domain gives to objects or reads from them. All are
// API.

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

namespace capp {

inline constexpr std::string_view kFieldManager = "capp-operator";
// What the operators written in Go write as: kubebuilder's default name of a binary.
inline constexpr std::string_view kLegacyFieldManager = "manager";
inline constexpr std::string_view kFinalizer = "dana.io/capp-cleanup";

// On every child.
inline constexpr std::string_view kParentCappLabel = "rcs.dana.io/parent-capp";
inline constexpr std::string_view kManagedByLabel = "rcs.dana.io/managed-by";
inline constexpr std::string_view kManagedByValue = "capp";
// On CNAMERecords: a cluster-scoped one has no other trace of its Capp's namespace.
inline constexpr std::string_view kParentCappNsLabel = "rcs.dana.io/parent-capp-ns";
// On CappRevisions; older operators set no other label on them.
inline constexpr std::string_view kCappNameLabel = "rcs.dana.io/cappName";
// On Knative Revisions: the name of their Service, which is the Capp's.
inline constexpr std::string_view kKnativeConfigurationLabel = "serving.knative.dev/configuration";

// Who wrote the Capp last (admission sets it). No part of what is compared or passed on.
inline constexpr std::string_view kLastUpdatedByAnnotation = "rcs.dana.io/last-updated-by";
// kubectl's own bookkeeping, among it the whole applied object. Nobody here reads it.
inline constexpr std::string_view kKubectlPrefix = "kubectl.kubernetes.io/";

[[nodiscard]] boost::json::object without_kubectl(const boost::json::object& annotations);

// "<capp>-00042"; shortened with a stable hash where that has more than 63 characters, and then
// the number still ends it.
[[nodiscard]] std::string revision_name(std::string_view capp, std::int64_t number);

}  // namespace capp
