#pragma once
// What the shipped roles let the operator do. The control plane has them (tools/controlplane).

#include <string>

#include "object/kind.h"
#include "tests/support/api.h"

namespace test {

inline constexpr object::Kind kRole{"rbac.authorization.k8s.io", "v1", "Role", "roles"};
inline constexpr object::Kind kRoleBinding{"rbac.authorization.k8s.io", "v1", "RoleBinding",
                                           "rolebindings"};

// Where config/default installs the operator.
inline constexpr std::string_view kOperatorNamespace = "capp-operator-system";

// In `ns` the operator may do what it may do in the namespace that it is installed in: the operator
// of a test takes the test's own for that. Returns when it holds.
void grant_operator_rights(Api& api, const std::string& ns);

// The API server lets the operator do what the first rule of `role`, a Role or ClusterRole, says.
// `ns` is empty for all namespaces.
void await_right(Api& api, const Api::Object& role, const std::string& ns);

}  // namespace test
