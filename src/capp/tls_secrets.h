#pragma once
// The TLS Secrets that a Capp answers for.
//
// cert-manager leaves a Certificate's Secret behind, so that it is ours to delete: after the
// Certificate was seen gone, since cert-manager would issue it again, and only where the
// Certificate is no longer wanted. To survive a restart between the two, the Capp's status records
// each Secret (`routeStatus.tlsSecretNames`) before its Certificate may be deleted. The Secret of a
// previous address stays as long as that (see host.h), even if somebody deleted its Certificate.

#include <string>
#include <string_view>
#include <vector>

#include "capp/capp.h"
#include "capp/world.h"

namespace capp {

[[nodiscard]] bool is_recorded(const Capp& capp, std::string_view secret);

// The hosts of the recorded Secrets. A World must observe the Certificate of each that has one,
// whoever owns it: the Secret of a Certificate that is somebody else's by now is theirs.
[[nodiscard]] std::vector<std::string> recorded_tls_hosts(const Capp& capp);

// Those that this Capp answers for: what its status records, and those of the Certificates of ours
// that are there. Sorted. Not of Certificates that are merely wanted: one of that name may be
// another Capp's, and its Secret none of ours.
[[nodiscard]] std::vector<std::string> owned_tls_secrets(const World& world);

// Of the recorded ones, those to delete now.
[[nodiscard]] std::vector<std::string> leftover_tls_secrets(const World& world);

}  // namespace capp
