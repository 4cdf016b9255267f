#pragma once
// What admission decides on: a Capp that somebody asks for, and what must be known of other objects
// to decide. Values; who gathers the facts is the caller's affair.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "capp/capp.h"
#include "capp/config.h"
#include "object/key.h"

namespace capp::admission {

// A Capp that is asked for. Not for keeping: it refers to what it was made of.
struct Submission {
  object::Key key;                  // its name may be empty: the API server makes one
  const boost::json::object& spec;  // as it was sent; any JSON
  Spec read;                        // the same as the domain understands it
  std::string stored_hostname;      // of the Capp that it replaces; empty for a new one
  const Config& config;             // in force

  // What once was let in is not judged again: a pattern, or what others serve, may have changed
  // since.
  [[nodiscard]] bool has_new_hostname() const {
    return !read.route.hostname.empty() && read.route.hostname != stored_hostname;
  }
};

// `capp` is the whole object, `stored` the one that it replaces: null for a new Capp.
[[nodiscard]] Submission read_submission(object::Key key, const boost::json::object& capp,
                                         const boost::json::object* stored, const Config& config);

[[nodiscard]] bool is_being_deleted(const boost::json::object& capp);

// Whether the rules are about such a request at all: not about a Capp that is being deleted, nor
// about an update that leaves the spec as it is, since a finalizer or a label must always be
// possible.
[[nodiscard]] bool is_judged(const boost::json::object& capp, const boost::json::object* stored);

// Of a Secret: that it is there and which of its keys hold something, never what.
struct SecretFacts {
  bool exists = false;
  std::vector<std::string> keys{};  // those that are not empty
  bool unknown = false;             // it could not be read: the rest says nothing
};

// What DNS says of a name.
enum class Resolution {
  kNotAsked,
  kFree,
  kInUse,    // it has an address or an alias
  kUnknown,  // the resolver failed
};

// Of a Capp with more of them the first by name are looked at, and a warning says so: a request,
// which anybody can send, must not become any number of questions. Honest ones name a handful.
inline constexpr std::size_t kMaxSecrets = 32;

// What to find out about a submission.
struct Questions {
  // Fully qualified, and a DNS name; empty where nothing is to be asked.
  std::string host{};
  // The hostnames of other Capps that would mean this host.
  std::vector<std::string> spellings{};
  // Secrets in the Capp's namespace, each once, at most kMaxSecrets; names that a Secret can have.
  std::vector<std::string> secrets{};
};

[[nodiscard]] Questions questions(const Submission& submission);

// The answers.
struct Facts {
  std::string cluster_domain = "cluster.local";  // of the cluster's own DNS names
  std::optional<object::Key> served_by{};        // another Capp with one of the spellings
  Resolution resolution = Resolution::kNotAsked;
  std::map<std::string, SecretFacts, std::less<>> secrets{};  // by name
};

}  // namespace capp::admission
