#pragma once
// The API as a person with kubectl has it: plain requests, whole objects.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/error.h"
#include "kube/client.h"
#include "kube/request.h"
#include "net/loop.h"
#include "object/key.h"
#include "object/kind.h"
#include "telemetry/metrics/registry.h"

namespace test {

inline constexpr object::Kind kNamespace{"", "v1", "Namespace", "namespaces",
                                         object::Scope::kCluster};
inline constexpr object::Kind kEvent{"events.k8s.io", "v1", "Event", "events"};
inline constexpr object::Kind kDefinition{"apiextensions.k8s.io", "v1", "CustomResourceDefinition",
                                          "customresourcedefinitions", object::Scope::kCluster};

// Who writes where a test does not say.
inline constexpr std::string_view kSomebody = "somebody";

// Thread-safe. What is not named try_… throws std::runtime_error with the server's words.
class Api {
 public:
  using Object = boost::json::object;

  // Of a kubeconfig with administrator's rights.
  explicit Api(const std::string& kubeconfig);

  base::Result<Object> try_send(net::Request request);
  Object send(net::Request request);
  // Side by side.
  void send_all(std::vector<net::Request> requests);

  Object get(const object::Kind& kind, const object::Key& key);
  // Nothing where it is absent.
  std::optional<Object> find(const object::Kind& kind, const object::Key& key);
  // All namespaces where `ns` is empty.
  std::vector<Object> list(const object::Kind& kind, const std::string& ns);

  // With fieldValidation=Strict: an unknown field is an error.
  base::Result<Object> try_create(const object::Kind& kind, const std::string& ns,
                                  const Object& object);
  Object create(const object::Kind& kind, const std::string& ns, const Object& object);
  // Side by side.
  void create_all(const object::Kind& kind, const std::string& ns,
                  const std::vector<Object>& objects);
  // Server-side apply with force.
  Object apply(const object::Kind& kind, const object::Key& key, const Object& object,
               std::string_view manager = kSomebody);
  // PUT of the whole object, as old clients write.
  Object replace(const object::Kind& kind, const object::Key& key, const Object& object,
                 std::string_view manager = kSomebody);
  // `patch` is JSON text.
  Object merge_patch(const object::Kind& kind, const object::Key& key, std::string_view patch,
                     std::string_view subresource = {});
  Object json_patch(const object::Kind& kind, const object::Key& key, std::string_view patch);
  // "Background", "Foreground" or "Orphan": what becomes of the objects that it owns.
  base::Result<Object> try_remove(const object::Kind& kind, const object::Key& key,
                                  std::string_view propagation = "Background");
  void remove(const object::Kind& kind, const object::Key& key,
              std::string_view propagation = "Background");

 private:
  net::Loop loop_;
  telemetry::metrics::Registry metrics_;
  std::unique_ptr<kube::Client> client_;
};

}  // namespace test
