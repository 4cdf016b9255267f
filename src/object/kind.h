#pragma once
// A kind of object as the API serves it. Kinds are constants; they are compared and passed by
// reference.

#include <string>
#include <string_view>

#include "object/key.h"

namespace object {

enum class Scope { kNamespaced, kCluster };

struct Kind {
  std::string_view group;  // empty for the core group
  std::string_view version;
  std::string_view kind;    // "Service"
  std::string_view plural;  // "services"
  Scope scope = Scope::kNamespaced;

  friend bool operator==(const Kind&, const Kind&) = default;

  // "serving.knative.dev/v1", or "v1" in the core group: `apiVersion` of an object.
  [[nodiscard]] std::string api_version() const;
  // "services.serving.knative.dev": the name of its CRD, and how people name it.
  [[nodiscard]] std::string resource() const;
  // "/apis/serving.knative.dev/v1/namespaces/web/services"; all namespaces where `ns` is empty.
  [[nodiscard]] std::string collection_path(std::string_view ns = {}) const;
  // "/apis/serving.knative.dev/v1/namespaces/web/services/capp", with "/status" for that
  // subresource.
  [[nodiscard]] std::string object_path(const Key& key, std::string_view subresource = {}) const;
};

}  // namespace object
