#pragma once
// Typed reading of a kubeconfig's fields, with errors that say where.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/error.h"
#include "base/redacted.h"

namespace kube {

// Where a value stands: "/home/me/.kube/config: users[\"dev\"].user".
struct Place {
  std::string file;
  std::string path;

  [[nodiscard]] Place below(std::string_view key) const;
  [[nodiscard]] Place item(std::size_t index) const;
  [[nodiscard]] std::unexpected<base::Error> refuse(std::string_view rule) const;  // kBadInput
};

// Reads the fields of one object. Absent and null fields are the empty value. A field of another
// type is remembered, the first one only, and read as empty: read all, then look at check().
class Fields {
 public:
  // `object` outlives this.
  Fields(const boost::json::object& object, Place place)
      : object_(object), place_(std::move(place)) {}

  std::string string(std::string_view key);
  bool boolean(std::string_view key);
  std::vector<std::string> strings(std::string_view key);
  base::Redacted<std::string> secret(std::string_view key);
  // A string in base64; as Go's decoder, line breaks inside do not matter.
  base::Redacted<std::string> base64(std::string_view key);
  // Null where the field is absent.
  const boost::json::object* object(std::string_view key);
  const boost::json::array* array(std::string_view key);

  [[nodiscard]] const Place& place() const { return place_; }
  [[nodiscard]] std::unexpected<base::Error> refuse(std::string_view key,
                                                    std::string_view rule) const;
  [[nodiscard]] base::Result<void> check() const;

 private:
  const boost::json::value* present(std::string_view key) const;
  void remember(std::string_view key, std::string_view rule);

  const boost::json::object& object_;
  Place place_;
  std::optional<base::Error> error_;
};

}  // namespace kube
