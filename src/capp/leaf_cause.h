#pragma once
// Why a Knative Revision is not ready, and what its users notice of it: a sentence each, without a
// full stop, for the message of a condition. Both read status of other controllers, so any JSON may
// stand anywhere: what is not of its type counts as absent. Foreign texts become one line each and
// are cut at 1 KiB.

#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace capp {

// The first real cause, empty where nothing is known to be wrong (it may just not be there yet).
// `revision_status` is the Revision's status, `pods` are its pods, of which metadata.name,
// metadata.creationTimestamp, metadata.deletionTimestamp and status are read. The newest pod that
// is not being deleted tells, since all are made from one template; else the Revision's conditions.
//
// Same cause, same words: a crash or a failed pull is tried again and again, and the pod's state
// changes with each try. The words may hold the end of the container's log, which Knative asks for
// (terminationMessagePolicy) and puts into the Revision's conditions itself.
[[nodiscard]] std::string leaf_cause(const boost::json::object& revision_status,
                                     const boost::json::array& pods);

// Which revisions get the traffic, by the status of the Knative Service; `unready` is the name of
// the Revision that is not ready. One that gets traffic all the same was ready once.
[[nodiscard]] std::string who_serves(const boost::json::object& service_status,
                                     std::string_view unready);

}  // namespace capp
