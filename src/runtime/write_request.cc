#include "runtime/write_request.h"

#include <string>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "base/hash.h"
#include "json/canonical.h"
#include "kube/request.h"

namespace runtime {
namespace {

std::string content(const object::Wanted& wanted) {
  return object::applied_hash(wanted.body);
}

std::string content(const object::Unwanted& unwanted) {
  return unwanted.uid;
}

std::string content(const object::Create& create) {
  return base::sha256_hex128(json::canonical(create.body));
}

std::string content(const object::SetFinalizers& set) {
  return boost::json::serialize(boost::json::array(set.finalizers.begin(), set.finalizers.end()));
}

std::string content(const object::SetStatus& set) {
  return set.content;
}

// There is only one way to delete by name.
std::string content(const object::RemoveByName&) {
  return {};
}

net::Request request(const object::Wanted& wanted, std::string_view manager) {
  return kube::apply(*wanted.kind, wanted.key, boost::json::serialize(wanted.body), manager);
}

net::Request request(const object::Unwanted& unwanted, std::string_view) {
  return kube::remove(*unwanted.kind, unwanted.key, {.uid = unwanted.uid});
}

net::Request request(const object::Create& create, std::string_view manager) {
  return kube::create(*create.kind, create.key.ns, boost::json::serialize(create.body), manager);
}

net::Request request(const object::SetFinalizers& set, std::string_view manager) {
  const boost::json::object patch{
      {"metadata",
       {{"finalizers", boost::json::array(set.finalizers.begin(), set.finalizers.end())},
        {"resourceVersion", std::to_string(set.resource_version)}}}};
  return kube::merge_patch(*set.kind, set.key, boost::json::serialize(patch), manager);
}

// Replaced whole, so that nothing of an older writer stays; of that very object only.
net::Request request(const object::SetStatus& set, std::string_view manager) {
  const boost::json::array patch{{{"op", "test"}, {"path", "/metadata/uid"}, {"value", set.uid}},
                                 {{"op", "add"}, {"path", "/status"}, {"value", set.status}}};
  return kube::json_patch(*set.kind, set.key, boost::json::serialize(patch), manager, "status");
}

net::Request request(const object::RemoveByName& named, std::string_view) {
  return kube::remove(*named.kind, named.key, {});
}

}  // namespace

const object::Kind& kind_of(const object::Write& write) {
  return *std::visit([](const auto& what) { return what.kind; }, write);
}

const object::Key& key_of(const object::Write& write) {
  return std::visit([](const auto& what) -> const object::Key& { return what.key; }, write);
}

std::string content_of(const object::Write& write) {
  return std::visit([](const auto& what) { return content(what); }, write);
}

void annotate(boost::json::object& body, std::string_view hash) {
  auto& metadata = body["metadata"];
  if (!metadata.is_object()) metadata.emplace_object();
  auto& annotations = metadata.get_object()["annotations"];
  if (!annotations.is_object()) annotations.emplace_object();
  annotations.get_object()[object::kAppliedHashAnnotation] = hash;
}

net::Request request_of(const object::Write& write, std::string_view field_manager) {
  return std::visit([&](const auto& what) { return request(what, field_manager); }, write);
}

}  // namespace runtime
