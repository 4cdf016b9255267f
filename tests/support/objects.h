#pragma once
// Making objects to send, and reading those that came.

#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

namespace test {

// The smallest Capp, with `more` (JSON text) merged into it:
//   a_capp("web", R"({"spec": {"state": "disabled"}})")
boost::json::object a_capp(std::string_view name, std::string_view more = "{}");

// The ConfigMap that hostnames need, for a zone without its final dot.
boost::json::object a_dns_config(std::string_view zone);

// The Secret of a hostname's certificate, and what the tests put there in cert-manager's place.
std::string tls_secret(std::string_view hostname);
boost::json::object a_tls_secret(std::string_view hostname);

// JSON text as an object. Throws where it is none.
boost::json::object parse_object(std::string_view text);

// The value at a JSON pointer as text: a string as it is, anything else as JSON; empty where there
// is none. Dots and slashes of a key: "/metadata/annotations/example.com~1key".
std::string at(const boost::json::object& object, std::string_view pointer);

std::string annotation(const boost::json::object& object, std::string_view key);
std::string label(const boost::json::object& object, std::string_view key);

// A condition of .status; its fields are empty where it is absent.
struct SeenCondition {
  std::string status;
  std::string reason;
  std::string message;
  std::string last_transition_time;
};
SeenCondition condition(const boost::json::object& object, std::string_view type);

// With that status and reason; on failure, all conditions are shown.
testing::AssertionResult has_condition(const boost::json::object& object, std::string_view type,
                                       std::string_view status, std::string_view reason);

}  // namespace test
