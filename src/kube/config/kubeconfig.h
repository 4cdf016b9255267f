#pragma once
// kubeconfig files: reading, merging as kubectl does, and choosing a context.

#include <map>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "base/error.h"
#include "kube/config/config.h"
#include "kube/config/fields.h"

namespace kube {

// One file, or several merged. Entries are looked into only when a context uses them, so that a
// broken one of somebody else's cluster does no harm. Fields that we do not know are ignored.
class Kubeconfig {
 public:
  // A cluster, user or context.
  struct Entry {
    boost::json::object body;
    Place place;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  // `file` is for messages, and relative paths are resolved against its folder. kBadInput for what
  // is no kubeconfig; an empty text is an empty one.
  static base::Result<Kubeconfig> parse(std::string_view text, std::string_view file);

  // Adds what `next` has and this has not: the first file that names an entry, or the
  // current-context, wins (kubectl's rule; entries are not mixed).
  void merge(Kubeconfig next);

  // The configuration of `context`, or of the current-context when it is empty. Reads the CA file
  // for an exec plugin that asks for cluster information, and nothing else.
  [[nodiscard]] base::Result<Config> resolve(std::string_view context = {}) const;

 private:
  [[nodiscard]] base::Result<std::string> chosen_context(std::string_view context) const;

  std::string file_;  // the first one
  std::string current_context_;
  Entries clusters_;
  Entries users_;
  Entries contexts_;
};

base::Result<Kubeconfig> load_kubeconfig(const std::string& file);

}  // namespace kube
