// The address of a Capp through its changes (behaviour 2, "Rules for writing" 7): each row is a
// step, its world and all that is done about the address.

#include <ostream>

#include <gtest/gtest.h>

#include "tests/capp/passes.h"

namespace capp {
namespace {

using Lines = std::vector<std::string>;

struct Step {
  const char* name;
  World world;
  Lines lines;
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << step.name;
}

class Address : public testing::TestWithParam<Step> {};

TEST_P(Address, Changes) {
  EXPECT_EQ(address_lines(plan(GetParam().world)), GetParam().lines);
}

constexpr auto kNameOfStep = [](const auto& tested) { return std::string(tested.param.name); };

Lines operator+(Lines lines, const Lines& more) {
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

constexpr std::string_view kOld = "old.apps.dev";
constexpr std::string_view kNew = "new.apps.dev";

const Lines kOldIsWritten{"write DomainMapping shop/old.apps.dev",
                          "write CNAMERecord(G2) shop/old.apps.dev"};
const Lines kNewIsWritten{"write DomainMapping shop/new.apps.dev",
                          "write CNAMERecord(G2) shop/new.apps.dev"};
const Lines kOldGoes{"delete DomainMapping shop/old.apps.dev",
                     "delete CNAMERecord(G2) shop/old.apps.dev",
                     "delete Certificate shop/old.apps.dev"};
const Lines kSecretGoes{"delete Secret shop/old.apps.dev-tls"};
const Lines kNothing{};

ObjectBuilder a_capp_at(std::string_view hostname) {
  return a_capp("web").with_hostname(hostname);
}

ObjectBuilder a_record(std::string_view name) {
  return a_child(kCnameRecord, name);
}

// "old" is served, with TLS, and the Capp asks for something else by now.
WorldBuilder served_before(ObjectBuilder capp) {
  return a_world(capp.with_recorded_secrets({"old.apps.dev-tls"}))
      .with(a_child(kDomainMapping, kOld).ready())
      .with(a_record(kOld).ready())
      .with(a_child(kCertificate, kOld).ready());
}

WorldBuilder moved(const ObjectBuilder& capp) {
  return served_before(capp).with_dns();
}

INSTANTIATE_TEST_SUITE_P(
    ToAnotherHostname, Address,
    testing::Values(
        Step{"NoRecordYet", moved(a_capp_at("new")), kNewIsWritten},
        Step{"NoStatusYet", moved(a_capp_at("new")).with(a_record(kNew)), kNewIsWritten},
        Step{"NotReady", moved(a_capp_at("new")).with(a_record(kNew).with_ready("False")),
             kNewIsWritten},
        Step{"ReadinessUnknown", moved(a_capp_at("new")).with(a_record(kNew).with_ready("Unknown")),
             kNewIsWritten},
        Step{"ReadyInAnotherGeneration",
             moved(a_capp_at("new")).with(a_record(kNew).with_generation(2).with("status", R"(
                 {"conditions": [{"type": "Ready", "status": "True", "observedGeneration": 1}]})")),
             kNewIsWritten},
        Step{"Ready", moved(a_capp_at("new")).with(a_record(kNew).ready()),
             kNewIsWritten + kOldGoes},
        // It was ready, and is on its way out.
        Step{"Terminating",
             moved(a_capp_at("new")).with(a_record(kNew).ready().terminating()),
             {"write DomainMapping shop/new.apps.dev", "await CNAMERecord(G2) shop/new.apps.dev"}},
        // However ready somebody else's record is, it does not lead to this Capp.
        Step{"Foreign", moved(a_capp_at("new")).with(a_foreign_child(kCnameRecord, kNew).ready()),
             kNewIsWritten},
        Step{"OnlyTheMappingIsReady",
             moved(a_capp_at("new")).with(a_child(kDomainMapping, kNew).ready()), kNewIsWritten},
        Step{"TheOldOneIsGoneHalfway",
             a_world(a_capp_at("new")).with_dns().with(a_record(kNew).ready()).with(a_record(kOld)),
             kNewIsWritten + Lines{"delete CNAMERecord(G2) shop/old.apps.dev"}},
        // What is being deleted is not deleted again.
        Step{"TheOldOneIsBeingDeleted",
             a_world(a_capp_at("new"))
                 .with_dns()
                 .with(a_record(kNew).ready())
                 .with(a_record(kOld).terminating()),
             kNewIsWritten},
        // And back again before the other one was ready.
        Step{"BackAgain",
             moved(a_capp_at("old")).with(a_child(kDomainMapping, kNew)).with(a_record(kNew)),
             kOldIsWritten + Lines{"delete DomainMapping shop/new.apps.dev",
                                   "delete CNAMERecord(G2) shop/new.apps.dev",
                                   "delete Certificate shop/old.apps.dev"}}),
    kNameOfStep);

INSTANTIATE_TEST_SUITE_P(
    WithTlsToAnotherHostname, Address,
    testing::Values(Step{"NotReady", moved(a_capp_at("new").with_tls()).with(a_record(kNew)),
                         kNewIsWritten + Lines{"write Certificate shop/new.apps.dev"}},
                    Step{"Ready", moved(a_capp_at("new").with_tls()).with(a_record(kNew).ready()),
                         kNewIsWritten + Lines{"write Certificate shop/new.apps.dev"} + kOldGoes}),
    kNameOfStep);

INSTANTIATE_TEST_SUITE_P(
    ToNone, Address,
    testing::Values(Step{"AllGoes", moved(a_capp("web")), kOldGoes},
                    Step{"AllGoesWithoutAConfiguration", served_before(a_capp("web")), kOldGoes},
                    // Nobody would remember its Secret.
                    Step{"ACertificateWhoseSecretIsNotRecordedStays",
                         a_world(a_capp("web")).with_dns().with(a_child(kCertificate, kOld)),
                         kNothing}),
    kNameOfStep);

INSTANTIATE_TEST_SUITE_P(
    ToTheZoneItself, Address,
    testing::Values(
        Step{"NoMappingYet", moved(a_capp_at("apps.dev")), {"write DomainMapping shop/apps.dev"}},
        Step{"NotReady",
             moved(a_capp_at("apps.dev")).with(a_child(kDomainMapping, "apps.dev")),
             {"write DomainMapping shop/apps.dev"}},
        Step{"Ready",
             moved(a_capp_at("apps.dev")).with(a_child(kDomainMapping, "apps.dev").ready()),
             Lines{"write DomainMapping shop/apps.dev"} + kOldGoes},
        Step{"Terminating",
             moved(a_capp_at("apps.dev"))
                 .with(a_child(kDomainMapping, "apps.dev").ready().terminating()),
             {"await DomainMapping shop/apps.dev"}}),
    kNameOfStep);

INSTANTIATE_TEST_SUITE_P(
    TlsOff, Address,
    testing::Values(
        Step{"TheCertificateGoesFirst", moved(a_capp_at("old")),
             kOldIsWritten + Lines{"delete Certificate shop/old.apps.dev"}},
        // Until the Capp's status records its Secret.
        Step{"NotBeforeItsSecretIsRecorded",
             a_world(a_capp_at("old")).with_dns().with(a_child(kCertificate, kOld)), kOldIsWritten},
        Step{"WhileItIsBeingDeletedTheSecretStays",
             a_world(a_capp_at("old").with_recorded_secrets({"old.apps.dev-tls"}))
                 .with_dns()
                 .with(a_child(kCertificate, kOld).terminating()),
             kOldIsWritten},
        Step{"ThenTheSecretGoes",
             a_world(a_capp_at("old").with_recorded_secrets({"old.apps.dev-tls"})).with_dns(),
             kOldIsWritten + kSecretGoes},
        Step{"OnceOnly", a_world(a_capp_at("old")).with_dns(), kOldIsWritten},
        // Nobody knows whether there is a Certificate that would issue it again.
        Step{"NotWhileCertificatesCannotBeSeen",
             a_world(a_capp_at("old").with_recorded_secrets({"old.apps.dev-tls"}))
                 .with_dns()
                 .without_kind(kCertificate),
             kOldIsWritten},
        Step{"AndOnAgainWhileItIsBeingDeleted",
             a_world(a_capp_at("old").with_tls().with_recorded_secrets({"old.apps.dev-tls"}))
                 .with_dns()
                 .with(a_child(kCertificate, kOld).terminating()),
             kOldIsWritten + Lines{"await Certificate shop/old.apps.dev"}}),
    kNameOfStep);

INSTANTIATE_TEST_SUITE_P(
    TlsOn, Address,
    testing::Values(
        Step{"OfANewAddress", a_world(a_capp_at("old").with_tls()).with_dns(),
             kOldIsWritten + Lines{"write Certificate shop/old.apps.dev"}},
        Step{"OfAConvergedOne", moved(a_capp_at("old").with_tls()),
             kOldIsWritten + Lines{"write Certificate shop/old.apps.dev"}},
        // Its Secret would be an orphan if the Capp went away now.
        Step{"WaitsForTheFinalizer",
             a_world(ObjectBuilder(kCapp, "web").with("spec", "{}").with_hostname("old").with_tls())
                 .with_dns(),
             kOldIsWritten + Lines{"write later Certificate shop/old.apps.dev",
                                   "finalizers dana.io/capp-cleanup"}}),
    kNameOfStep);

// The Secret goes when we delete the Certificate, never when somebody else did.
INSTANTIATE_TEST_SUITE_P(
    ACertificateThatSomebodyDeleted, Address,
    testing::Values(
        Step{"IsWrittenAgainAndItsSecretStays",
             a_world(a_capp_at("old").with_tls().with_recorded_secrets({"old.apps.dev-tls"}))
                 .with_dns(),
             kOldIsWritten + Lines{"write Certificate shop/old.apps.dev"}},
        // The old address serves by that Secret until the new one is ready.
        Step{"LeavesTheSecretOfAPreviousAddress",
             a_world(a_capp_at("new").with_recorded_secrets({"old.apps.dev-tls"}))
                 .with_dns()
                 .with(a_child(kDomainMapping, kOld).ready())
                 .with(a_record(kOld).ready()),
             kNewIsWritten},
        Step{"UntilTheNewOneServes",
             a_world(a_capp_at("new").with_recorded_secrets({"old.apps.dev-tls"}))
                 .with_dns()
                 .with(a_record(kNew).ready()),
             kNewIsWritten + kSecretGoes}),
    kNameOfStep);

INSTANTIATE_TEST_SUITE_P(
    AForeignCertificate, Address,
    testing::Values(
        Step{"IsWrittenSoThatItsOwnerIsTold",
             a_world(a_capp_at("old").with_tls())
                 .with_dns()
                 .with(a_foreign_child(kCertificate, kOld).ready()),
             kOldIsWritten + Lines{"write Certificate shop/old.apps.dev"}},
        Step{"AndItsSecretStayWithTlsOff",
             a_world(a_capp_at("old")).with_dns().with(a_foreign_child(kCertificate, kOld)),
             kOldIsWritten},
        Step{"AndItsSecretStayWithoutAHostname",
             a_world(a_capp("web")).with_dns().with(a_foreign_child(kCertificate, kOld)),
             kNothing}),
    kNameOfStep);

const Dns kOtherZone{.zone = "other.dev.", .cname = "ingress.other.dev."};

INSTANTIATE_TEST_SUITE_P(
    TheZoneChanged, Address,
    testing::Values(Step{"NotReady",
                         served_before(a_capp_at("old")).with_dns(kOtherZone),
                         {"write DomainMapping shop/old.other.dev",
                          "write CNAMERecord(G2) shop/old.other.dev"}},
                    Step{"Ready",
                         served_before(a_capp_at("old"))
                             .with_dns(kOtherZone)
                             .with(a_record("old.other.dev").ready()),
                         Lines{"write DomainMapping shop/old.other.dev",
                               "write CNAMERecord(G2) shop/old.other.dev"} +
                             kOldGoes},
                    Step{"OfAFullName",
                         served_before(a_capp_at("old.apps.dev")).with_dns(kOtherZone),
                         {"write DomainMapping shop/old.apps.dev.other.dev",
                          "write CNAMERecord(G2) shop/old.apps.dev.other.dev"}}),
    kNameOfStep);

// Nobody knows what a hostname means, so nothing is written, and nothing is deleted either.
INSTANTIATE_TEST_SUITE_P(
    TheConfigurationIsGone, Address,
    testing::Values(
        Step{"TheHostnameAsItWas", served_before(a_capp_at("old").with_tls()), kNothing},
        Step{"AnotherHostname", served_before(a_capp_at("new")), kNothing},
        Step{"TlsOff", served_before(a_capp_at("old")), kNothing},
        Step{"OnlyTheSecretIsLeft",
             a_world(a_capp_at("old").with_recorded_secrets({"old.apps.dev-tls"})), kNothing}),
    kNameOfStep);

const Lines kG1OldIsWritten{"write DomainMapping shop/old.apps.dev",
                            "write CNAMERecord(G1) old.apps.dev"};

INSTANTIATE_TEST_SUITE_P(
    BothRecordApis, Address,
    testing::Values(
        Step{"AnExistingRecordKeepsItsApi",
             a_world(a_capp_at("old")).with_dns().with(a_child(kClusterCnameRecord, kOld)),
             kG1OldIsWritten},
        Step{"UntilTheHostnameChanges",
             a_world(a_capp_at("new")).with_dns().with(a_child(kClusterCnameRecord, kOld)),
             kNewIsWritten},
        Step{"AndThenGoesWhenTheNewOneIsReady",
             a_world(a_capp_at("new"))
                 .with_dns()
                 .with(a_child(kClusterCnameRecord, kOld))
                 .with(a_record(kNew).ready()),
             kNewIsWritten + Lines{"delete CNAMERecord(G1) old.apps.dev"}},
        Step{"OfOneHostnameInBothOneGoes",
             a_world(a_capp_at("old"))
                 .with_dns()
                 .with(a_child(kClusterCnameRecord, kOld))
                 .with(a_record(kOld)),
             kOldIsWritten + Lines{"delete CNAMERecord(G1) old.apps.dev"}},
        Step{"OnlyG1IsInstalled", a_world(a_capp_at("old")).with_dns().without_kind(kCnameRecord),
             kG1OldIsWritten},
        Step{
            "NoneIsInstalled",
            a_world(a_capp_at("old"))
                .with_dns()
                .without_kind(kCnameRecord)
                .without_kind(kClusterCnameRecord),
            {"write DomainMapping shop/old.apps.dev", "missing CNAMERecord(G2) shop/old.apps.dev"}},
        Step{"G1IsAskedFor", a_world(a_capp_at("old")).with_dns().with_dns_api(DnsApi::kG1),
             kG1OldIsWritten},
        // The cluster-scoped record has no owner to go with.
        Step{"AClusterScopedRecordWaitsForTheFinalizer",
             a_world(ObjectBuilder(kCapp, "web").with("spec", "{}").with_hostname("old"))
                 .with_dns()
                 .with_dns_api(DnsApi::kG1),
             {"write DomainMapping shop/old.apps.dev", "write later CNAMERecord(G1) old.apps.dev",
              "finalizers dana.io/capp-cleanup"}},
        // behaviour 2, "Rules for writing" 5: that Capp has the same name.
        Step{"ARecordOfAnotherNamespaceIsNotTouched",
             a_world(a_capp("web"))
                 .with_dns()
                 .with(ObjectBuilder(kClusterCnameRecord, kOld)
                           .with_label("rcs.dana.io/parent-capp", "web")
                           .with_label("rcs.dana.io/managed-by", "capp")
                           .with_label("rcs.dana.io/parent-capp-ns", "another")),
             kNothing}),
    kNameOfStep);

}  // namespace
}  // namespace capp
