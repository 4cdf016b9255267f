#include "capp/body.h"

#include <utility>

#include "capp/kinds.h"
#include "capp/names.h"

namespace capp {

boost::json::object child_body(const Capp& capp, const object::Kind& kind, std::string_view name) {
  boost::json::object metadata{
      {"name", name},
      {"labels", {{kParentCappLabel, capp.key.name}, {kManagedByLabel, kManagedByValue}}},
  };
  if (kind.scope == object::Scope::kNamespaced) {
    metadata["namespace"] = capp.key.ns;
    metadata["ownerReferences"] = boost::json::array{{{"apiVersion", kCapp.api_version()},
                                                      {"kind", kCapp.kind},
                                                      {"name", capp.key.name},
                                                      {"uid", capp.uid},
                                                      {"controller", true},
                                                      {"blockOwnerDeletion", true}}};
  }
  return {
      {"apiVersion", kind.api_version()}, {"kind", kind.kind}, {"metadata", std::move(metadata)}};
}

boost::json::object service_reference(const Capp& capp) {
  return {{"apiVersion", kKnativeService.api_version()},
          {"kind", kKnativeService.kind},
          {"name", capp.key.name}};
}

}  // namespace capp
