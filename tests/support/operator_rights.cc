#include "tests/support/operator_rights.h"

#include <stdexcept>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "tests/support/audit_log.h"
#include "tests/support/eventually.h"
#include "tests/support/objects.h"

namespace test {
namespace {

constexpr object::Kind kAccessReview{"authorization.k8s.io", "v1", "SubjectAccessReview",
                                     "subjectaccessreviews", object::Scope::kCluster};

Api::Object moved_to(Api::Object object, const std::string& ns) {
  object["metadata"] = {{"name", at(object, "/metadata/name")}, {"namespace", ns}};
  return object;
}

}  // namespace

void await_right(Api& api, const Api::Object& role, const std::string& ns) {
  const Api::Object review{{"apiVersion", kAccessReview.api_version()},
                           {"kind", kAccessReview.kind},
                           {"spec",
                            {{"user", kOperatorUser},
                             {"resourceAttributes",
                              {{"namespace", ns},
                               {"group", at(role, "/rules/0/apiGroups/0")},
                               {"resource", at(role, "/rules/0/resources/0")},
                               {"name", at(role, "/rules/0/resourceNames/0")},
                               {"verb", at(role, "/rules/0/verbs/0")}}}}}};
  // The authorizer learns of a role some milliseconds after it was stored.
  const auto granted = eventually([&] {
    const auto answer = api.create(kAccessReview, {}, review);
    return is(boost::json::serialize(review), at(answer, "/status/allowed"), "true");
  });
  if (!granted) throw std::runtime_error(granted.message());
}

void grant_operator_rights(Api& api, const std::string& ns) {
  const auto roles = api.list(kRole, std::string(kOperatorNamespace));
  for (const auto& role : roles) api.create(kRole, ns, moved_to(role, ns));
  for (const auto& binding : api.list(kRoleBinding, std::string(kOperatorNamespace))) {
    api.create(kRoleBinding, ns, moved_to(binding, ns));
  }
  for (const auto& role : roles) await_right(api, role, ns);
}

}  // namespace test
