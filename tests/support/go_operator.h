#pragma once
// The Go operator that this one replaces, as the API server sees it: whole objects, written by POST
// and PUT as field manager "manager". What it writes is in tests/apiserver/data/takeover: the older
// and the newer one, a file for their configuration and one for each Capp with all that belongs to
// it.

#include <string>
#include <vector>

#include "object/key.h"
#include "object/kind.h"
#include "tests/support/api.h"

namespace test {

struct StoredObject {
  const object::Kind* kind = nullptr;
  object::Key key;
  Api::Object object;  // as the API server answered
};

class GoOperator {
 public:
  // Writes into the namespace `ns`, which is also part of the DNS zone: cluster-scoped records of
  // two namespaces must not meet.
  GoOperator(Api& api, std::string ns) : api_(api), ns_(std::move(ns)) {}

  // Writes "older/shop.yaml", say, in its order. A Capp must be its first document.
  std::vector<StoredObject> write(const std::string& file);

 private:
  StoredObject store(const Api::Object& object);

  Api& api_;
  const std::string ns_;
};

}  // namespace test
