#pragma once
// What the API server says when it refuses: metav1.Status, as an Error.

#include <boost/json/value.hpp>

#include "base/error.h"
#include "net/http.h"

namespace kube {

// The error of an answer that is not 2xx. The message is the server's own words, or, where the body
// is no Status, the code and the first bytes of the body. Retry-After comes from the header or from
// details.retryAfterSeconds; a negative or absurd one counts as absent or as 5 minutes.
base::Error read_status(const net::Response& response);

// The error of an ERROR event in a watch; its object is a Status.
base::Error read_status(const boost::json::value& status);

}  // namespace kube
