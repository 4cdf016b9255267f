#include "capp/children/table.h"

#include <array>

#include "capp/children/certificate.h"
#include "capp/children/cname_record.h"
#include "capp/children/domain_mapping.h"
#include "capp/children/kafka_source.h"
#include "capp/children/knative_service.h"
#include "capp/children/nfs_pvc.h"
#include "capp/children/ping_source.h"
#include "capp/children/syslog_ng_flow.h"
#include "capp/children/syslog_ng_output.h"

namespace capp {

std::span<const Child* const> children() {
  static const KnativeService knative_service;
  static const DomainMapping domain_mapping;
  static const CnameRecord cluster_cname_record(kClusterCnameRecord);
  static const CnameRecord cname_record(kCnameRecord);
  static const Certificate certificate;
  static const SyslogNgFlow syslog_ng_flow;
  static const SyslogNgOutput syslog_ng_output;
  static const NfsPvc nfs_pvc;
  static const PingSource ping_source;
  static const KafkaSource kafka_source;
  static const std::array<const Child*, 10> table{
      &knative_service, &domain_mapping, &cluster_cname_record, &cname_record,
      &certificate,     &syslog_ng_flow, &syslog_ng_output,     &nfs_pvc,
      &ping_source,     &kafka_source};
  return table;
}

}  // namespace capp
