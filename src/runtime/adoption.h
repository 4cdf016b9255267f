#pragma once
// Takes over the fields of an operator that wrote before us with updates instead of applies
// (design 3.2). Pure.
//
// Without it, what the older operator set and nobody wants any more would stay for ever, owned by a
// manager that is gone.

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>

namespace runtime {

// `managed_fields` of an object with the labels, annotations, owner references and spec of the
// `legacy` managers' updates moved to `manager`'s apply; the rest, finalizers above all, stays
// under their name. Empty where there is nothing to move.
boost::json::array adopt_fields(const boost::json::array& managed_fields,
                                const std::vector<std::string>& legacy, std::string_view manager);

}  // namespace runtime
