#include "capp/body.h"

#include "capp/kinds.h"
#include "capp/names.h"

namespace capp {

boost::json::object child_body(const Capp& capp, const object::Kind& kind, std::string_view name) {
  return {
      {"apiVersion", kind.api_version()},
      {"kind", kind.kind},
      {"metadata",
       {{"name", name},
        {"namespace", capp.key.ns},
        {"labels", {{kParentCappLabel, capp.key.name}, {kManagedByLabel, kManagedByValue}}},
        {"ownerReferences", boost::json::array{{{"apiVersion", kCapp.api_version()},
                                                {"kind", kCapp.kind},
                                                {"name", capp.key.name},
                                                {"uid", capp.uid},
                                                {"controller", true},
                                                {"blockOwnerDeletion", true}}}}}},
  };
}

}  // namespace capp
