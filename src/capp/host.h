#pragma once
// What a hostname means under a DNS zone, and when its previous one may go (behaviour 2,
// `resourceName`, and "Rules for writing" 7).

#include <optional>
#include <string>
#include <string_view>

#include "capp/concern.h"
#include "capp/verdict.h"
#include "capp/world.h"
#include "object/kind.h"
#include "object/record.h"

namespace capp {

struct Host {
  std::string name;    // fully qualified, without a trailing dot: the name of its objects
  std::string record;  // of the DNS record, relative to the zone; empty at the zone's apex

  // A CNAME cannot stand at the apex (RFC 1034, 3.6.2).
  [[nodiscard]] bool is_apex() const { return record.empty(); }

  friend bool operator==(const Host&, const Host&) = default;
};

// `zone` with or without its trailing dot.
[[nodiscard]] Host host_of(std::string_view hostname, std::string_view zone);

// Of the Capp; empty where it has no hostname, or where no DNS configuration says what it means.
[[nodiscard]] std::optional<Host> host_of(const World& world);

// The Secret that holds the certificate of a host, and its key.
[[nodiscard]] std::string tls_secret_of(std::string_view host_name);
// The name of the host of such a Secret.
[[nodiscard]] std::string_view host_of_tls_secret(std::string_view secret);

// The API of the DNS provider in which the record of `host` is, or is to be written: that of the
// record that exists, else the one that is asked for or installed.
[[nodiscard]] const object::Kind& record_kind(const World& world, const Host& host);

// Whether what is there for the host `name` and not wanted may be deleted: a previous address
// serves until the new one does.
[[nodiscard]] bool address_may_go(const World& world, std::string_view name);

// That the configuration does not say what the hostname means, about `concern`; empty where it
// does, or where there is no hostname.
[[nodiscard]] std::optional<Finding> remark_on_hostname(const World& world, const Concern& concern);

}  // namespace capp
