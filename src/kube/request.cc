#include "kube/request.h"

#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "net/url.h"

namespace kube {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kMetadata =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
constexpr std::string_view kMetadataList =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

// Builds "path?a=b&c=d".
class Target {
 public:
  explicit Target(std::string path) : text_(std::move(path)) {}

  Target& with(std::string_view name, std::string_view value) {
    text_ += text_.find('?') == std::string::npos ? '?' : '&';
    text_.append(name).append("=").append(net::encode_query(value));
    return *this;
  }
  Target& with_given(std::string_view name, std::string_view value) {
    return value.empty() ? *this : with(name, value);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

net::Request read(Target target, std::string_view accept) {
  return {.method = net::Method::kGet,
          .target = target.take(),
          .headers = {{"Accept", std::string(accept)}},
          .body = {}};
}

net::Request write(net::Method method, Target target, std::string_view content_type,
                   std::string body) {
  return {.method = method,
          .target = target.take(),
          .headers = {{"Accept", std::string(kJson)}, {"Content-Type", std::string(content_type)}},
          .body = std::move(body)};
}

Target select(const object::Kind& kind, const Selection& selection) {
  Target target(kind.collection_path(selection.ns));
  target.with_given("labelSelector", selection.label_selector);
  target.with_given("fieldSelector", selection.field_selector);
  return target;
}

net::Request patch(const object::Kind& kind, const object::Key& key, std::string body,
                   std::string_view field_manager, std::string_view subresource,
                   std::string_view content_type) {
  Target target(kind.object_path(key, subresource));
  target.with("fieldManager", field_manager);
  return write(net::Method::kPatch, std::move(target), content_type, std::move(body));
}

std::string_view to_string(Propagation propagation) {
  switch (propagation) {
    case Propagation::kBackground:
      return "Background";
    case Propagation::kForeground:
      return "Foreground";
    case Propagation::kOrphan:
      return "Orphan";
  }
  return "Background";
}

}  // namespace

net::Request get(const object::Kind& kind, const object::Key& key, View view) {
  return read(Target(kind.object_path(key)), view == View::kMetadata ? kMetadata : kJson);
}

net::Request list(const object::Kind& kind, const Selection& selection,
                  const ListOptions& options) {
  Target target = select(kind, selection);
  if (options.limit > 0) target.with("limit", std::to_string(options.limit));
  if (!options.continue_token.empty()) {
    target.with("continue", options.continue_token);
  } else if (options.at_least) {
    target.with("resourceVersion", std::to_string(*options.at_least))
        .with("resourceVersionMatch", "NotOlderThan");
  }
  auto request = read(std::move(target), selection.view == View::kMetadata ? kMetadataList : kJson);
  request.accept_gzip = true;
  request.timeout = {};  // as long as it takes; whoever streams it bounds the silence
  return request;
}

net::Request watch(const object::Kind& kind, const Selection& selection,
                   const WatchOptions& options) {
  Target target = select(kind, selection);
  target.with("watch", "1").with("allowWatchBookmarks", "true");
  target.with("timeoutSeconds", std::to_string(options.timeout.count()));
  if (options.resource_version) {
    target.with("resourceVersion", std::to_string(*options.resource_version));
  }
  if (options.initial_events) {
    target.with("sendInitialEvents", "true").with("resourceVersionMatch", "NotOlderThan");
  }
  auto request = read(std::move(target), selection.view == View::kMetadata ? kMetadata : kJson);
  request.timeout = {};  // the reflector ends a stream that is overdue or stalled
  return request;
}

net::Request create(const object::Kind& kind, std::string_view ns, std::string body,
                    std::string_view field_manager) {
  Target target(kind.collection_path(ns));
  target.with("fieldManager", field_manager);
  return write(net::Method::kPost, std::move(target), kJson, std::move(body));
}

net::Request apply(const object::Kind& kind, const object::Key& key, std::string body,
                   std::string_view field_manager, std::string_view subresource) {
  Target target(kind.object_path(key, subresource));
  target.with("fieldManager", field_manager).with("force", "true");
  return write(net::Method::kPatch, std::move(target), "application/apply-patch+yaml",
               std::move(body));
}

net::Request merge_patch(const object::Kind& kind, const object::Key& key, std::string body,
                         std::string_view field_manager, std::string_view subresource) {
  return patch(kind, key, std::move(body), field_manager, subresource,
               "application/merge-patch+json");
}

net::Request json_patch(const object::Kind& kind, const object::Key& key, std::string body,
                        std::string_view field_manager, std::string_view subresource) {
  return patch(kind, key, std::move(body), field_manager, subresource,
               "application/json-patch+json");
}

net::Request update(const object::Kind& kind, const object::Key& key, std::string body,
                    std::string_view field_manager) {
  Target target(kind.object_path(key));
  target.with("fieldManager", field_manager);
  return write(net::Method::kPut, std::move(target), kJson, std::move(body));
}

net::Request remove(const object::Kind& kind, const object::Key& key,
                    const DeleteOptions& options) {
  boost::json::object body{{"apiVersion", "v1"},
                           {"kind", "DeleteOptions"},
                           {"propagationPolicy", to_string(options.propagation)}};
  if (!options.uid.empty()) body["preconditions"] = {{"uid", options.uid}};
  return write(net::Method::kDelete, Target(kind.object_path(key)), kJson,
               boost::json::serialize(body));
}

bool is_write(net::Method method, std::string_view target) {
  if (method == net::Method::kGet) return false;
  const bool review =
      method == net::Method::kPost && (target.starts_with("/apis/authentication.k8s.io/") ||
                                       target.starts_with("/apis/authorization.k8s.io/"));
  return !review;
}

}  // namespace kube
