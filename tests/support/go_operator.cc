#include "tests/support/go_operator.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

#include <boost/json/serialize.hpp>

#include "capp/kinds.h"
#include "capp/names.h"
#include "json/value.h"
#include "tests/support/child_process.h"
#include "tests/support/objects.h"
#include "tests/support/places.h"
#include "yaml/convert.h"

namespace test {
namespace {

constexpr std::array kKinds{
    &capp::kCapp,           &capp::kCappRevision,  &capp::kCappConfig,   &capp::kConfigMap,
    &capp::kKnativeService, &capp::kDomainMapping, &capp::kCnameRecord,  &capp::kClusterCnameRecord,
    &capp::kCertificate,    &capp::kSecret,        &capp::kSyslogNgFlow, &capp::kSyslogNgOutput,
    &capp::kNfsPvc,         &capp::kPingSource,    &capp::kKafkaSource,
};

const object::Kind* kind_of(const Api::Object& object) {
  const auto* const found = std::ranges::find_if(kKinds, [&](const object::Kind* kind) {
    return kind->api_version() == at(object, "/apiVersion") && kind->kind == at(object, "/kind");
  });
  if (found == kKinds.end()) throw std::runtime_error("no such kind: " + at(object, "/kind"));
  return *found;
}

std::string replaced(std::string text, std::string_view name, std::string_view value) {
  for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
    text.replace(at, name.size(), value);
  }
  return text;
}

std::vector<boost::json::value> parse(const std::string& text) {
  auto documents = yaml::parse_all(text);
  if (!documents) throw std::runtime_error(documents.error().describe());
  return std::move(*documents);
}

}  // namespace

std::vector<StoredObject> GoOperator::write(const std::string& file) {
  std::string text =
      replaced(read_file(in_source("tests/apiserver/data/takeover/" + file)), "$NAMESPACE", ns_);
  std::vector<StoredObject> stored;
  stored.push_back(store(parse(text).front().as_object()));
  text = replaced(std::move(text), "$UID", at(stored.front().object, "/metadata/uid"));
  const auto documents = parse(text);
  for (std::size_t i = 1; i < documents.size(); ++i) {
    stored.push_back(store(documents[i].as_object()));
  }
  return stored;
}

StoredObject GoOperator::store(const Api::Object& object) {
  const object::Kind* kind = kind_of(object);
  const object::Key key{.ns = kind->scope == object::Scope::kNamespaced ? ns_ : "",
                        .name = at(object, "/metadata/name")};
  auto stored = api_.send(
      kube::create(*kind, key.ns, boost::json::serialize(object), capp::kLegacyFieldManager));
  // A creation leaves the status out.
  if (const auto* status = json::object_at(object, {"status"})) {
    stored = api_.send(kube::merge_patch(
        *kind, key, boost::json::serialize(boost::json::object{{"status", *status}}),
        capp::kLegacyFieldManager, "status"));
  }
  return {.kind = kind, .key = key, .object = std::move(stored)};
}

}  // namespace test
