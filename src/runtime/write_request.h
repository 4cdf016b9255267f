#pragma once
// What a write of the domain is on the wire, and what identifies its content. Pure.

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "net/http.h"
#include "object/wanted.h"

namespace runtime {

[[nodiscard]] const object::Kind& kind_of(const object::Write& write);
[[nodiscard]] const object::Key& key_of(const object::Write& write);

// Equal for two writes of one object and verb that ask for the same. Of a Wanted it is the applied
// hash, and to be asked before the body carries it.
[[nodiscard]] std::string content_of(const object::Write& write);

// Adds the hash annotation to the body of an apply.
void annotate(boost::json::object& body, std::string_view hash);

// `field_manager` is who owns the fields that are written.
[[nodiscard]] net::Request request_of(const object::Write& write, std::string_view field_manager);

}  // namespace runtime
