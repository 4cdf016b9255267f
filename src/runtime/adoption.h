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
#include <boost/json/value.hpp>

namespace runtime {

// The JSON patch that moves the labels, annotations, owner references and spec of the `legacy`
// managers' updates of `live` to `manager`'s apply; the rest, finalizers above all, stays under
// their name. The server refuses it (409) where the object has changed since. Empty where there is
// nothing to move.
[[nodiscard]] boost::json::array adoption_patch(const boost::json::value& live,
                                                const std::vector<std::string>& legacy,
                                                std::string_view manager);

}  // namespace runtime
