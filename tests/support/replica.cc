#include "tests/support/replica.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "tests/support/child_process.h"
#include "yaml/convert.h"

namespace test {
namespace {

// The operator's ServiceAccount, with its roles, by way of an administrator who impersonates it: so
// the audit log has a place for a name of our own. JSON is YAML.
std::string kubeconfig_of(const ControlPlane& plane, const std::string& replica) {
  auto documents = yaml::parse_all(read_file(plane.admin_kubeconfig()));
  if (!documents) throw std::runtime_error(documents.error().describe());
  auto& user =
      documents->front().as_object()["users"].as_array()[0].as_object()["user"].as_object();
  user["as"] = kOperatorUser;
  user["as-user-extra"] = {{"replica", boost::json::array{replica}}};
  std::string path = plane.scratch("replica-" + replica + ".kubeconfig");
  write_file(path, boost::json::serialize(documents->front()));
  return path;
}

}  // namespace

Replica::Replica(Cluster& cluster, std::string name)
    : cluster_(cluster), name_(std::move(name)), kubeconfig_(kubeconfig_of(cluster.plane, name_)) {}

void Replica::start(const std::vector<std::string>& flags) {
  std::vector<std::string> all{"--leader-elect"};
  all.insert(all.end(), flags.begin(), flags.end());
  process_.reset();
  process_ = std::make_unique<OperatorProcess>(
      OperatorOptions{.kubeconfig = kubeconfig_,
                      .ns = cluster_.ns,
                      .log_file = cluster_.plane.scratch("replica-" + name_ + ".log"),
                      .flags = std::move(all)});
  process_->await_ready();
}

bool Replica::leads() {
  return process_ && process_->runs() &&
         process_->metric("leader_election_master_status").value_or(0) == 1;
}

}  // namespace test
