// capp::admission: any JSON in the place of a Capp, of the one that it replaces and of a CappConfig
// is judged, and each refusal says where, why and by which rule. A Capp that replaces its equal is
// not judged. Mutated once, it needs no more than to name its author.
//
// The input is an object with the members "capp", "stored" (or none) and "config", a CappConfig's
// spec.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include <boost/json/serialize.hpp>

#include "capp/admission/mutate.h"
#include "capp/admission/validate.h"
#include "capp/config_sources.h"
#include "json/parse.h"
#include "json/value.h"

namespace {

capp::Config config_of(const boost::json::object& spec) {
  auto record = std::make_shared<object::Record>();
  record->key = {.ns = "ns", .name = std::string(capp::kCappConfigName)};
  record->body = boost::json::serialize(spec);
  return capp::read_config({.ns = "ns", .capp_config = std::move(record)}, {}).in_force.config;
}

// The Capp after the operations about containers, all but the first.
boost::json::object with_resources(const boost::json::object& capp,
                                   const boost::json::array& patch) {
  boost::json::value patched(capp);
  for (std::size_t i = 1; i < patch.size(); ++i) {
    constexpr std::string_view kEnding = "/resources";
    std::string_view path = patch[i].at("path").as_string();
    if (!path.ends_with(kEnding)) std::abort();
    path.remove_suffix(kEnding.size());
    patched.at_pointer(path).as_object()["resources"] = patch[i].at("value");
  }
  return patched.as_object();
}

bool is_told(const capp::admission::Refusal& refusal) {
  return !refusal.rule.empty() && refusal.field.starts_with("spec.") &&
         refusal.must.starts_with("must ");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace capp::admission;
  const auto input = json::parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!input || !input->is_object()) return 0;
  const auto& capp = json::object_or_empty(input->get_object(), {"capp"});
  const auto* stored = json::object_at(input->get_object(), {"stored"});
  const auto config = config_of(json::object_or_empty(input->get_object(), {"config"}));

  const auto submission = read_submission({.ns = "ns", .name = "web"}, capp, stored, config);
  Facts facts;
  for (const auto& name : questions(submission).secrets) facts.secrets[name] = {.exists = true};
  const auto judgement = judge(submission, facts);
  if (!std::ranges::all_of(judgement.refusals, is_told)) std::abort();
  if (message(judgement.refusals).empty() != judgement.refusals.empty()) std::abort();
  if (is_judged(capp, &capp)) std::abort();

  const auto patch = mutate(capp, stored, "dana", config.default_resources);
  if (patch.empty()) return 0;
  const auto again = mutate(with_resources(capp, patch), stored, "dana", config.default_resources);
  if (again.size() > 1) std::abort();
  return 0;
}
