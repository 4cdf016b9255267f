#include "tests/support/api.h"

#include <stdexcept>
#include <utility>

#include <boost/json/serialize.hpp>

#include "json/parse.h"
#include "json/value.h"
#include "kube/config/discover.h"
#include "kube/config/environment.h"
#include "telemetry/log/logger.h"

namespace test {
namespace {

template <class T>
T value_or_throw(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().describe());
  return std::move(*result);
}

net::Request with_body(net::Method method, std::string target, const boost::json::object& body) {
  return {.method = method,
          .target = std::move(target),
          .headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
          .body = boost::json::serialize(body)};
}

net::Request creation(const object::Kind& kind, const std::string& ns,
                      const boost::json::object& object) {
  return with_body(net::Method::kPost, kind.collection_path(ns) + "?fieldValidation=Strict",
                   object);
}

}  // namespace

Api::Api(const std::string& kubeconfig) {
  auto config = value_or_throw(kube::discover_config({.kubeconfig = kubeconfig}, {}));
  client_ = value_or_throw(kube::Client::connect(loop_, std::move(config), {.user_agent = "test"},
                                                 metrics_, telemetry::log::discarding_logger()));
}

base::Result<Api::Object> Api::try_send(net::Request request) {
  auto answer = client_->send(std::move(request));
  if (!answer) return std::unexpected(std::move(answer.error()));
  auto body = json::parse(answer->body);
  if (!body) return std::unexpected(std::move(body.error()));
  return std::move(body->as_object());
}

Api::Object Api::send(net::Request request) {
  return value_or_throw(try_send(std::move(request)));
}

void Api::send_all(std::vector<net::Request> requests) {
  for (auto& answer : client_->send_all(std::move(requests))) value_or_throw(std::move(answer));
}

Api::Object Api::get(const object::Kind& kind, const object::Key& key) {
  return send(kube::get(kind, key));
}

std::optional<Api::Object> Api::find(const object::Kind& kind, const object::Key& key) {
  auto found = try_send(kube::get(kind, key));
  if (!found && found.error().reason == base::Reason::kNotFound) return std::nullopt;
  return value_or_throw(std::move(found));
}

std::vector<Api::Object> Api::list(const object::Kind& kind, const std::string& ns) {
  const auto list =
      send(kube::list(kind, {.ns = ns, .label_selector = {}, .field_selector = {}}, {}));
  std::vector<Object> items;
  for (const auto& item : list.at("items").as_array()) items.push_back(item.as_object());
  return items;
}

base::Result<Api::Object> Api::try_create(const object::Kind& kind, const std::string& ns,
                                          const Object& object) {
  return try_send(creation(kind, ns, object));
}

Api::Object Api::create(const object::Kind& kind, const std::string& ns, const Object& object) {
  return value_or_throw(try_create(kind, ns, object));
}

void Api::create_all(const object::Kind& kind, const std::string& ns,
                     const std::vector<Object>& objects) {
  std::vector<net::Request> requests;
  for (const auto& object : objects) requests.push_back(creation(kind, ns, object));
  send_all(std::move(requests));
}

Api::Object Api::apply(const object::Kind& kind, const object::Key& key, const Object& object,
                       std::string_view manager) {
  return send(kube::apply(kind, key, boost::json::serialize(object), manager));
}

Api::Object Api::replace(const object::Kind& kind, const object::Key& key, const Object& object,
                         std::string_view manager) {
  return send(with_body(net::Method::kPut,
                        kind.object_path(key) + "?fieldManager=" + std::string(manager), object));
}

Api::Object Api::merge_patch(const object::Kind& kind, const object::Key& key,
                             std::string_view patch, std::string_view subresource) {
  return send(kube::merge_patch(kind, key, std::string(patch), kSomebody, subresource));
}

Api::Object Api::json_patch(const object::Kind& kind, const object::Key& key,
                            std::string_view patch) {
  return send(kube::json_patch(kind, key, std::string(patch), kSomebody));
}

base::Result<Api::Object> Api::try_remove(const object::Kind& kind, const object::Key& key,
                                          std::string_view propagation) {
  return try_send(with_body(
      net::Method::kDelete, kind.object_path(key),
      {{"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"propagationPolicy", propagation}}));
}

void Api::remove(const object::Kind& kind, const object::Key& key, std::string_view propagation) {
  value_or_throw(try_remove(kind, key, propagation));
}

}  // namespace test
