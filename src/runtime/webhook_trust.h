#pragma once
// What a webhook configuration says of how its server is called, and of whom the API server trusts
// there. Pure, and the same for both kinds of configuration.

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "object/kind.h"

namespace runtime {

inline constexpr object::Kind kMutatingWebhooks{
    "admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration",
    "mutatingwebhookconfigurations", object::Scope::kCluster};
inline constexpr object::Kind kValidatingWebhooks{
    "admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration",
    "validatingwebhookconfigurations", object::Scope::kCluster};

// The DNS names of a Service within its cluster.
std::vector<std::string> service_names(std::string_view ns, std::string_view service);

// The names that the API server looks for in the certificate of each webhook of the configuration:
// those of the Service or the host of the URL in its clientConfig. Hosts of which no certificate
// can be made are left out.
std::vector<std::string> called_names(const boost::json::object& configuration);

// A JSON patch that gives each webhook `bundle_pem` as its caBundle and changes nothing else; empty
// where all of them have it. It fails where the webhooks are not those of `configuration` any more.
std::string trust_patch(const boost::json::object& configuration, std::string_view bundle_pem);

}  // namespace runtime
