#pragma once
// The kinds of objects that the domain reads or writes.

#include "object/kind.h"

namespace capp {

inline constexpr object::Kind kCapp{"rcs.dana.io", "v1alpha1", "Capp", "capps"};
inline constexpr object::Kind kCappRevision{"rcs.dana.io", "v1alpha1", "CappRevision",
                                            "capprevisions"};
inline constexpr object::Kind kCappConfig{"rcs.dana.io", "v1alpha1", "CappConfig", "cappconfigs"};
inline constexpr object::Kind kKnativeService{"serving.knative.dev", "v1", "Service", "services"};
inline constexpr object::Kind kKnativeRevision{"serving.knative.dev", "v1", "Revision",
                                               "revisions"};
inline constexpr object::Kind kDomainMapping{"serving.knative.dev", "v1beta1", "DomainMapping",
                                             "domainmappings"};
// Both APIs of Crossplane's DNS provider (behaviour 2, "CNAMERecord").
inline constexpr object::Kind kClusterCnameRecord{
    "record.dns.crossplane.io", "v1alpha1", "CNAMERecord", "cnamerecords", object::Scope::kCluster};
inline constexpr object::Kind kCnameRecord{"record.dns-v2.m.crossplane.io", "v1alpha1",
                                           "CNAMERecord", "cnamerecords"};
inline constexpr object::Kind kCertificate{"cert-manager.io", "v1", "Certificate", "certificates"};
inline constexpr object::Kind kSyslogNgFlow{"logging.banzaicloud.io", "v1beta1", "SyslogNGFlow",
                                            "syslogngflows"};
inline constexpr object::Kind kSyslogNgOutput{"logging.banzaicloud.io", "v1beta1", "SyslogNGOutput",
                                              "syslogngoutputs"};
inline constexpr object::Kind kNfsPvc{"nfspvc.dana.io", "v1alpha1", "NfsPvc", "nfspvcs"};
inline constexpr object::Kind kPingSource{"sources.knative.dev", "v1", "PingSource", "pingsources"};
inline constexpr object::Kind kKafkaSource{"sources.knative.dev", "v1", "KafkaSource",
                                           "kafkasources"};
inline constexpr object::Kind kPod{"", "v1", "Pod", "pods"};
inline constexpr object::Kind kSecret{"", "v1", "Secret", "secrets"};
inline constexpr object::Kind kConfigMap{"", "v1", "ConfigMap", "configmaps"};

// Of OpenShift.
inline constexpr object::Kind kRoute{"route.openshift.io", "v1", "Route", "routes"};

}  // namespace capp
