#!/usr/bin/env python3
"""The Helm chart against a real API server: what is rendered is accepted, and a release comes, changes and goes.

There is no kubelet, so no pod runs here; CAPP_OPERATOR, where set, is the operator that must understand the flags.
"""

import json
import os
import re
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from cluster import CHART, ROOT, Cluster, Refused  # noqa: E402

CRDS = ["cappconfigs.rcs.dana.io", "capprevisions.rcs.dana.io", "capps.rcs.dana.io"]
MONITORING = ["--api-versions", "monitoring.coreos.com/v1/ServiceMonitor", "--api-versions", "monitoring.coreos.com/v1/PrometheusRule"]
OPENSHIFT = ["--api-versions", "security.openshift.io/v1"]


def values(*pairs):
    return [word for pair in pairs for word in ("--set", pair)]


def definition(group, kind, version="v1"):
    """A CRD that takes everything: a stand-in for a kind whose own is not here."""
    plural = f"{kind.lower()}s"
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{group}"},
            "spec": {"group": group, "scope": "Namespaced", "names": {"kind": kind, "plural": plural},
                     "versions": [{"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": {
                         "type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}}


def a_capp(name, ns, hostname=""):
    return {"apiVersion": "rcs.dana.io/v1alpha1", "kind": "Capp", "metadata": {"name": name, "namespace": ns},
            "spec": {"routeSpec": {"hostname": hostname},
                     "configurationSpec": {"template": {"spec": {"containers": [{"name": "main", "image": "example.com/app"}]}}}}}


def namespace(name):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def setUpModule():
    global cluster
    cluster = Cluster()
    unittest.addModuleCleanup(cluster.down)


class Rendered(unittest.TestCase):
    """What `helm template` makes, sent to the API server for a dry run: it refuses unknown fields and wrong values."""

    @classmethod
    def setUpClass(cls):
        foreign = [("monitoring.coreos.com", "ServiceMonitor"), ("monitoring.coreos.com", "PrometheusRule"),
                   ("cert-manager.io", "Certificate"), ("cert-manager.io", "Issuer")]
        cluster.apply(namespace("chart-rendered"), namespace("openshift-console"), *[definition(*kind) for kind in foreign])
        cluster.kubectl("apply", "--server-side", "-f", ROOT / "config/crd/bases")
        cluster.kubectl("wait", "crd", "--all", "--for", "condition=Established", "--timeout", "30s")

    @classmethod
    def tearDownClass(cls):
        cluster.kubectl("delete", "-f", ROOT / "config/crd/bases")

    def deployment(self, *arguments):
        return cluster.rendered(*arguments)["Deployment", "capp-container-app-operator-controller-manager"]

    def pod(self, *arguments):
        return self.deployment(*arguments)["spec"]["template"]["spec"]

    def manager(self, *arguments):
        return self.pod(*arguments)["containers"][0]

    def test_each_values_file_is_accepted_and_clean(self):
        for file in CHART.glob("values*.yaml"):
            with self.subTest(file.name):
                self.assertNotIn("WARNING", cluster.helm("lint", "--strict", CHART, "--values", file))
                self.assertTrue(cluster.rendered("--values", file, *MONITORING))

    def test_production_has_all_that_keeps_it_available_and_watched(self):
        kinds = {kind for kind, _ in cluster.rendered("--values", CHART / "values-production.yaml", *MONITORING)}
        self.assertLessEqual({"PodDisruptionBudget", "PriorityClass", "NetworkPolicy", "ServiceMonitor", "PrometheusRule"}, kinds)

    def test_the_pod_is_restricted(self):
        pod = self.pod()
        self.assertEqual(pod["securityContext"], {"runAsNonRoot": True, "runAsUser": 65532, "runAsGroup": 65532,
                                                  "seccompProfile": {"type": "RuntimeDefault"}})
        self.assertEqual(pod["containers"][0]["securityContext"], {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}})

    def test_openshift_chooses_the_user_and_has_a_console(self):
        objects = cluster.rendered(*OPENSHIFT)
        pod = objects["Deployment", "capp-container-app-operator-controller-manager"]["spec"]["template"]["spec"]
        self.assertNotIn("runAsUser", pod["securityContext"])
        role = objects["RoleBinding", "capp-container-app-operator-console-rolebinding"]
        self.assertEqual(role["metadata"]["namespace"], "openshift-console")
        self.assertEqual(role["subjects"][0]["namespace"], "chart-rendered")
        self.assertEqual(self.pod(*OPENSHIFT, *values("openshift.adaptSecurityContext=disabled"))["securityContext"]["runAsUser"], 65532)

    def test_each_webhook_mode_has_what_it_needs_and_no_more(self):
        webhooks = {"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"}
        policies = {"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}
        wanted = {"self-signed": webhooks, "cert-manager": webhooks | {"Certificate", "Issuer"}, "policy": policies, "none": set()}
        for mode, kinds in wanted.items():
            with self.subTest(mode):
                objects = cluster.rendered(*values(f"webhook.mode={mode}"))
                self.assertEqual({kind for kind, _ in objects} & (webhooks | policies | {"Certificate", "Issuer"}), kinds)
                self.assertEqual(("Service", "capp-container-app-operator-webhook-service") in objects, kinds >= webhooks)
                self.assertEqual(("Role", "capp-container-app-operator-webhook-certificate-role") in objects, mode == "self-signed")

    def test_names_agree_with_each_other(self):
        objects = cluster.rendered()
        for flag, kind in (("webhook-service-name", "Service"),
                           ("webhook-mutating-configuration", "MutatingWebhookConfiguration"),
                           ("webhook-validating-configuration", "ValidatingWebhookConfiguration")):
            arguments = objects["Deployment", "capp-container-app-operator-controller-manager"]["spec"]["template"]["spec"]["containers"][0]["args"]
            name = next(word.split("=")[1] for word in arguments if word.startswith(f"--{flag}="))
            self.assertIn((kind, name), objects)
        for (kind, _), item in objects.items():
            for webhook in item.get("webhooks", []):
                service = webhook["clientConfig"]["service"]
                self.assertEqual(service["namespace"], "chart-rendered")
                self.assertIn(("Service", service["name"]), objects)
            if "roleRef" in item:
                self.assertIn((item["roleRef"]["kind"], item["roleRef"]["name"]), objects)
                self.assertIn((item["subjects"][0]["kind"], item["subjects"][0]["name"]), objects)

    def test_policies_are_bound_and_read_the_limits_of_this_namespace(self):
        objects = cluster.rendered(*values("webhook.mode=policy", "kubernetesClusterDomain=corp.example"))
        bindings = [item for (kind, _), item in objects.items() if kind == "ValidatingAdmissionPolicyBinding"]
        policies = [name for kind, name in objects if kind == "ValidatingAdmissionPolicy"]
        self.assertCountEqual([binding["spec"]["policyName"] for binding in bindings], policies)
        for binding in bindings:
            self.assertEqual(binding["spec"].get("paramRef", {}).get("namespace", "chart-rendered"), "chart-rendered")
        self.assertIn("'corp.example'", str(objects))
        self.assertNotIn("cluster.local", str(objects))

    def test_nothing_has_the_names_that_kustomize_gives(self):
        manifest = cluster.helm("template", "other", CHART, "--namespace", "elsewhere", "--values", CHART / "values-production.yaml",
                                *MONITORING, *OPENSHIFT, *values("webhook.mode=policy"))
        manifest += cluster.helm("template", "other", CHART, "--namespace", "elsewhere")
        self.assertEqual(set(re.findall(r"capp-operator-[\w.-]+", manifest)), {"capp-operator-last-good"})
        self.assertNotRegex(manifest, r"namespace: system\b")

    def test_a_constraint_of_spread_is_about_these_pods(self):
        deployment = self.deployment("--values", CHART / "values-production.yaml")
        for constraint in deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]:
            self.assertEqual(constraint["labelSelector"], deployment["spec"]["selector"])

    def test_every_toggle_is_accepted(self):
        objects = cluster.rendered("--values", ROOT / "tests/chart/every-toggle.yaml")
        pod = objects["Deployment", "x-controller-manager"]["spec"]["template"]["spec"]
        self.assertEqual(pod["containers"][0]["image"], "ghcr.io/dana-team/container-app-operator@sha256:" + "0" * 64)
        self.assertEqual(pod["serviceAccountName"], "me")
        self.assertEqual(pod["containers"][0]["args"][-1], "--dns-api=g2")
        self.assertEqual(objects["ConfigMap", "autoscale-defaults"]["data"], {"rps": "5"})
        self.assertEqual(objects["ConfigMap", "dns-config"]["data"], {"zone": "a.example."})
        self.assertLessEqual({("ConfigMap", "capp-extra"), ("ConfigMap", "x-template")}, set(objects))
        self.assertIn("system:serviceaccount:chart-rendered:me", str(objects["MutatingWebhookConfiguration", "x-mutating-webhook-configuration"]))
        self.assertEqual({item["metadata"]["labels"]["team"] for (_, name), item in objects.items()
                          if name not in ("capp-extra", "x-template")}, {"a"})

    def test_names_of_the_go_charts_work(self):
        objects = cluster.rendered("--values", ROOT / "tests/chart/go-chart-values.yaml", "--api-versions", "rcs.dana.io/v1alpha1/CappConfig")
        deployment = objects["Deployment", "capp-container-app-operator-controller-manager"]["spec"]
        manager = deployment["template"]["spec"]["containers"][0]
        self.assertEqual(deployment["replicas"], 3)
        self.assertEqual(manager["image"], "registry.example/capp:v9")
        self.assertEqual(manager["resources"], {"limits": {"cpu": "500m", "memory": "256Mi"}, "requests": {"cpu": "10m", "memory": "64Mi"}})
        self.assertIn("--ecs-logging=false", manager["args"])
        self.assertEqual(manager["args"].count("--leader-elect"), 1)
        self.assertEqual(deployment["template"]["spec"]["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
        self.assertEqual(objects["ConfigMap", "dns-config"]["data"], {"zone": "g1.example.", "cname": "ingress.g1.example."})
        self.assertEqual(objects["CappConfig", "capp-config"]["spec"]["dnsConfig"], {
            "zone": "g2.example.", "issuerRef": {"name": "ca"}})
        self.assertEqual(objects["CappConfig", "capp-config"]["spec"]["autoscaleConfig"]["rps"], 300)
        self.assertEqual(objects["CappConfig", "capp-config"]["spec"]["allowedHostnamePatterns"], [{"match": ".*"}])

    def test_wrong_values_are_refused_with_what_is_wrong(self):
        wrong = {
            "replicCount=2": "additional properties 'replicCount' not allowed",
            "replicaCount=two": "at '/replicaCount': got string, want integer",
            "webhook.mode=webhook": "value must be one of 'self-signed', 'cert-manager', 'policy', 'none'",
            "metrics.port=0": "at '/metrics/port': minimum: got 0, want 1",
            "dnsConfig.zone=no.dot": "at '/dnsConfig/zone': 'no.dot' does not match pattern",
            "image.digest=latest": "at '/image/digest'",
            "leaderElection.leaseDuration=15": "at '/leaderElection/leaseDuration': got number, want string",
            "autoscaleConfig.name=mine": 'autoscaleConfig.name is "mine": the operator reads the ConfigMap autoscale-defaults',
            "manager.args[0]=--metrics-bind-address=127.0.0.1:8080": "the chart itself says --metrics-bind-address=:8080",
            "serviceAccount.create=false": "serviceAccount.name must say which one to use",
        }
        for pair, complaint in wrong.items():
            with self.subTest(pair), self.assertRaises(Refused) as refused:
                cluster.helm("template", "capp", CHART, *values(pair))
            self.assertIn(complaint, str(refused.exception))

    @unittest.skipUnless("CAPP_OPERATOR" in os.environ, "no operator to ask: CAPP_OPERATOR")
    def test_the_operator_understands_its_arguments(self):
        for mode in ("self-signed", "cert-manager", "policy"):
            arguments = self.manager(*values(f"webhook.mode={mode}", "metrics.secure=true"))["args"]
            with self.subTest(mode):
                # Stops after the flags: 1 for want of a cluster, 2 for a flag that it does not know.
                done = subprocess.run([os.environ["CAPP_OPERATOR"], *arguments, "--kubeconfig=/nonexistent"],
                                      text=True, capture_output=True, timeout=30, check=False)
                self.assertEqual(done.returncode, 1, done.stderr)


class Release(unittest.TestCase):
    """A release that is installed, upgraded and uninstalled. Its steps build on each other."""

    ns = "chart-release"
    name = "capp-operator-container-app-operator"
    webhook = f"{name}-validating-webhook-configuration"
    config = values("config.dnsConfig.zone=a.example.", "config.autoscaleConfig.rps=7")

    def test_comes_changes_and_goes(self):
        self.installs_the_crds_first()
        self.gives_the_operator_its_rights_and_no_others()
        self.upgrades_what_changed_and_nothing_else()
        self.swaps_webhooks_for_policies_and_back()
        self.leaves_capps_behind()
        self.hands_the_crds_to_another_release()

    def install(self, *arguments, release="capp-operator", ns=ns):
        return cluster.helm("upgrade", "--install", release, CHART, "--namespace", ns, "--create-namespace", *arguments)

    def installs_the_crds_first(self):
        notes = self.install(*self.config)
        self.assertIn("One replica", notes)
        self.assertIn("THE CAPPCONFIG IS NOT MADE YET", notes)
        self.assertEqual(self.crds(), CRDS)
        cluster.kubectl("wait", "crd", *CRDS, "--for", "condition=Established", "--timeout", "30s")

    def gives_the_operator_its_rights_and_no_others(self):
        account = f"system:serviceaccount:{self.ns}:{self.name}-controller-manager"
        self.assertEqual(self.may(account, "list", "capps", "--all-namespaces"), "yes")
        self.assertEqual(self.may(account, "update", "leases/c1382367.dana.io", "-n", self.ns), "yes")
        self.assertEqual(self.may(account, "patch", f"validatingwebhookconfigurations/{self.webhook}"), "yes")
        self.assertEqual(self.may(account, "patch", "validatingwebhookconfigurations/another"), "no")
        self.assertEqual(self.may(account, "list", "secrets", "-n", self.ns), "no")

    def upgrades_what_changed_and_nothing_else(self):
        # As the operator does it.
        bundle = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg=="
        cluster.kubectl("patch", "validatingwebhookconfiguration", self.webhook, "--type=json", "--field-manager=capp-operator",
                        f'-p=[{{"op": "add", "path": "/webhooks/0/clientConfig/caBundle", "value": "{bundle}"}}]')
        notes = self.install(*self.config, *values("replicaCount=2", "manager.args[0]=--log-verbosity=1"))
        self.assertNotIn("One replica", notes)
        self.assertNotIn("CAPPCONFIG", notes)
        deployment = self.of_release("deployment")["spec"]
        self.assertEqual(deployment["replicas"], 2)
        self.assertIn("--log-verbosity=1", deployment["template"]["spec"]["containers"][0]["args"])
        self.assertTrue(self.of_release("poddisruptionbudget"))
        limits = cluster.get("cappconfig", "-n", self.ns, "capp-config")["spec"]
        self.assertEqual((limits["dnsConfig"]["zone"], limits["autoscaleConfig"]["rps"]), ("a.example.", 7))
        self.assertEqual(cluster.get("validatingwebhookconfiguration", self.webhook)["webhooks"][0]["clientConfig"]["caBundle"], bundle)

    def swaps_webhooks_for_policies_and_back(self):
        self.install(*self.config, *values("webhook.mode=policy"))
        self.assertIsNone(cluster.get("validatingwebhookconfiguration", self.webhook))
        self.assertIsNone(self.of_release("poddisruptionbudget"))
        self.assertIn(f"{self.name}-capp-rules", self.refusal_in_time(a_capp("bad", "default", hostname="a.cluster.local")))
        cluster.helm("rollback", "capp-operator", "2", "--namespace", self.ns)
        self.assertTrue(cluster.get("validatingwebhookconfiguration", self.webhook))

    def leaves_capps_behind(self):
        # Nobody answers the webhook here.
        self.install(*self.config, *values("webhook.mode=none"))
        cluster.apply(a_capp("kept", self.ns))
        cluster.helm("uninstall", "capp-operator", "--namespace", self.ns)
        self.assertTrue(cluster.get("capp", "-n", self.ns, "kept"))
        self.assertIsNone(self.of_release("deployment"))
        self.assertIsNone(cluster.get("clusterrole", f"{self.name}-manager-role"))

    def hands_the_crds_to_another_release(self):
        with self.assertRaisesRegex(Refused, "invalid ownership metadata"):
            self.install(release="second", ns="chart-second")
        self.install("--take-ownership", *values("crds.keep=false", "webhook.mode=none"), release="second", ns="chart-second")
        self.assertTrue(cluster.get("capp", "-n", self.ns, "kept"))
        cluster.helm("uninstall", "second", "--namespace", "chart-second", "--wait")
        self.assertEqual(self.crds(), [])

    def crds(self):
        return [name for name in CRDS if cluster.get("crd", name)]

    def of_release(self, kind):
        return cluster.get(kind, "-n", self.ns, f"{self.name}-controller-manager")

    def refusal_in_time(self, capp):
        """The API server takes notice of a policy within seconds."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                cluster.kubectl("create", "--dry-run=server", "-f", "-", text_in=json.dumps(capp))
            except Refused as refused:
                return str(refused)
        return "not refused"

    def may(self, user, *question):
        # `auth can-i` says no by its exit code too.
        try:
            return cluster.kubectl("auth", "can-i", *question, "--as", user).strip()
        except Refused as refused:
            return str(refused).strip().splitlines()[0]


if __name__ == "__main__":
    unittest.main(verbosity=2)
