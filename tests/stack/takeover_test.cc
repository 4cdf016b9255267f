// A cluster where the operator written in Go was at work: ours takes its objects over, and nobody
// notices.

#include <algorithm>
#include <array>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/serialize.hpp>

#include "capp/names.h"
#include "kube/request.h"
#include "object/wanted.h"
#include "tests/stack/stack_cluster.h"
#include "tests/support/places.h"
#include "yaml/convert.h"

namespace test {
namespace {

// How its children say whose they are: the first generation had labels only.
enum class Identity { kLabels, kOwnerReferences };

std::ostream& operator<<(std::ostream& out, Identity identity) {
  return out << (identity == Identity::kLabels ? "Labels" : "OwnerReferences");
}

constexpr std::array kKinds{&capp::kNfsPvc,         &capp::kKnativeService, &capp::kCertificate,
                            &capp::kDomainMapping,  &capp::kCnameRecord,    &capp::kSyslogNgFlow,
                            &capp::kSyslogNgOutput, &capp::kPingSource,     &capp::kCappRevision};

const object::Kind& kind_of(const Api::Object& object) {
  const auto name = at(object, "/kind");
  const auto* const found = std::ranges::find(kKinds, name, &object::Kind::kind);
  if (found == kKinds.end()) throw std::runtime_error("no object of a Capp is a " + name);
  return **found;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (auto found = text.find(what); found != std::string::npos; found = text.find(what)) {
    text.replace(found, what.size(), with);
  }
  return text;
}

boost::json::array owned_by(const Api::Object& capp) {
  return {{{"apiVersion", "rcs.dana.io/v1alpha1"},
           {"kind", "Capp"},
           {"name", at(capp, "/metadata/name")},
           {"uid", at(capp, "/metadata/uid")},
           {"controller", true},
           {"blockOwnerDeletion", true}}};
}

Api::Object first_revision(const Api::Object& capp) {
  auto revision = parse_object(R"({"apiVersion": "rcs.dana.io/v1alpha1", "kind": "CappRevision",
    "metadata": {"name": "web-00001", "labels": {"rcs.dana.io/cappName": "web"}},
    "spec": {"revisionNumber": 1, "cappTemplate": {"labels": {}, "annotations": {}}}})");
  revision["spec"].as_object()["cappTemplate"].as_object()["cappSpec"] = capp.at("spec");
  return revision;
}

class TakeOver : public StackCluster, public testing::WithParamInterface<Identity> {
 protected:
  // What the older operator leaves behind, all of it ready; none of ours runs yet.
  void SetUp() override {
    configure();
    auto capp = full_capp(host);
    capp.at("metadata").as_object()["finalizers"] = boost::json::array{"dana.io/capp-cleanup"};
    capp = api.create(capp::kCapp, cluster.ns, capp);
    for (auto& child : children()) create_as_older(std::move(child), capp);
    create_as_older(first_revision(capp), capp);
    for (const auto& [kind, name] : {std::pair{&capp::kKnativeService, web.name},
                                     {&capp::kDomainMapping, host},
                                     {&capp::kCertificate, host},
                                     {&capp::kPingSource, std::string("web-hourly")}}) {
      ASSERT_TRUE(eventually([&] {
        const auto ready = condition(api.get(*kind, cluster.key(name)), "Ready");
        return is(name, ready.status, "True");
      }));
    }
  }

  [[nodiscard]] std::vector<Api::Object> children() const {
    auto text = read_file(in_source("tests/stack/data/older_operator.yaml"));
    text = replaced(std::move(text), "@HOST@", host);
    text = replaced(std::move(text), "@RECORD@", host.substr(0, host.find('.')));
    std::vector<Api::Object> objects;
    for (auto& document : yaml::parse_all(text).value()) objects.push_back(document.as_object());
    return objects;
  }

  void create_as_older(Api::Object object, const Api::Object& capp) {
    auto& metadata = object.at("metadata").as_object();
    if (&kind_of(object) != &capp::kCappRevision) {
      auto& labels = metadata["labels"].emplace_object();
      labels[capp::kManagedByLabel] = capp::kManagedByValue;
      labels[capp::kParentCappLabel] = web.name;
    }
    if (&kind_of(object) == &capp::kCnameRecord) {
      metadata["labels"].as_object()[capp::kParentCappNsLabel] = cluster.ns;
    }
    if (GetParam() == Identity::kOwnerReferences) metadata["ownerReferences"] = owned_by(capp);
    api.send(kube::create(kind_of(object), cluster.ns, boost::json::serialize(object),
                          capp::kLegacyFieldManager));
  }

  const std::string host = hostname("web");
};

TEST_P(TakeOver, MakesNoRevisionAndNoCertificate) {
  const auto secret = cluster.key(tls_secret(host));
  const auto certificate_before = api.get(capp::kSecret, secret);
  const auto service_before = cluster.service("web");

  cluster.start_operator();
  ASSERT_TRUE(eventually([&] { return is_ready(); }));
  ASSERT_TRUE(eventually([&] { return quiet(); }));

  for (const auto& child : children()) {
    const auto live = api.get(kind_of(child), cluster.key(at(child, "/metadata/name")));
    EXPECT_NE(annotation(live, object::kAppliedHashAnnotation), "") << at(live, "/kind");
  }
  EXPECT_EQ(at(cluster.service("web"), "/metadata/generation"),
            at(service_before, "/metadata/generation"));
  EXPECT_EQ(api.list(capp::kKnativeRevision, cluster.ns).size(), 1U);
  EXPECT_EQ(at(api.get(capp::kSecret, secret), "/data/tls.crt"),
            at(certificate_before, "/data/tls.crt"));
  EXPECT_EQ(at(api.get(capp::kCertificate, cluster.key(host)), "/status/revision"), "1");
  EXPECT_EQ(api.list(capp::kCappRevision, cluster.ns).size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(By, TakeOver,
                         testing::Values(Identity::kLabels, Identity::kOwnerReferences),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace test
