#pragma once
// Requests of the Kubernetes API as values: what a verb is on the wire. Sending them is the
// client's part.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"
#include "object/key.h"
#include "object/kind.h"

namespace kube {

// How much of an object the server answers with.
enum class View {
  kWhole,
  kMetadata,  // PartialObjectMetadata: no spec, no status
};

net::Request get(const object::Kind& kind, const object::Key& key, View view = View::kWhole);

// Which objects of a kind a list or a watch is about.
struct Selection {
  std::string ns;              // empty: all namespaces
  std::string label_selector;  // empty: all
  std::string field_selector;  // empty: all
  View view = View::kWhole;
};

struct ListOptions {
  std::size_t limit = 0;       // objects a page; 0: all in one
  std::string continue_token;  // of the page before
  // Not older than this; absent: a consistent read.
  std::optional<std::uint64_t> at_least;
};
net::Request list(const object::Kind& kind, const Selection& selection, const ListOptions& options);

struct WatchOptions {
  std::optional<std::uint64_t> resource_version;
  // First the whole state as ADDED events, ended by a bookmark (KEP-3157).
  bool initial_events = false;
  // Asked of the server, which ends the watch after this time.
  std::chrono::seconds timeout{0};
};
net::Request watch(const object::Kind& kind, const Selection& selection,
                   const WatchOptions& options);

// `body` is JSON text throughout; `field_manager` is who owns the fields that are written.
net::Request create(const object::Kind& kind, std::string_view ns, std::string body,
                    std::string_view field_manager);
// Server-side apply with force: a controller takes the fields that it is there to set.
net::Request apply(const object::Kind& kind, const object::Key& key, std::string body,
                   std::string_view field_manager, std::string_view subresource = {});
net::Request merge_patch(const object::Kind& kind, const object::Key& key, std::string body,
                         std::string_view field_manager, std::string_view subresource = {});
net::Request json_patch(const object::Kind& kind, const object::Key& key, std::string body,
                        std::string_view field_manager, std::string_view subresource = {});

// PUT: the whole object; a metadata.resourceVersion in it must be the current one (409 otherwise).
net::Request update(const object::Kind& kind, const object::Key& key, std::string body,
                    std::string_view field_manager);

// What becomes of the objects that the deleted one owns.
enum class Propagation { kBackground, kForeground, kOrphan };
struct DeleteOptions {
  std::string uid{};  // delete only the object with this UID; empty: whichever has the name
  Propagation propagation = Propagation::kBackground;
};
net::Request remove(const object::Kind& kind, const object::Key& key, const DeleteOptions& options);

// True for requests that change something: all but GET, and what is POSTed to authentication.k8s.io
// and authorization.k8s.io. These groups have only reviews (TokenReview, SelfSubjectReview,
// SubjectAccessReview and its kin), which are questions: nothing of them is stored. `target`
// without the path of the server's URL.
bool is_write(net::Method method, std::string_view target);

}  // namespace kube
