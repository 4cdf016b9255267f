"""A release that is installed, upgraded and uninstalled. There is no kubelet: no pod of it runs."""

import json
import time
import unittest

from cluster import CHART, CRDS, Refused, shared_cluster, values


def a_capp(name, ns, hostname=""):
    return {"apiVersion": "rcs.dana.io/v1alpha1", "kind": "Capp", "metadata": {"name": name, "namespace": ns},
            "spec": {"routeSpec": {"hostname": hostname},
                     "configurationSpec": {"template": {"spec": {"containers": [{"name": "main", "image": "example.com/app"}]}}}}}


class Release(unittest.TestCase):
    """Its steps build on each other, and begin on a cluster without CRDs: those that rendered_test.py applies come later."""

    ns = "chart-release"
    name = "capp-operator-container-app-operator"
    webhook = f"{name}-validating-webhook-configuration"
    config = values("config.dnsConfig.zone=a.example.", "config.autoscaleConfig.rps=7")

    @classmethod
    def setUpClass(cls):
        cls.cluster = shared_cluster()

    def test_comes_changes_and_goes(self):
        self.installs_the_crds_first()
        self.gives_the_operator_its_rights_and_no_others()
        self.upgrades_what_changed_and_nothing_else()
        self.swaps_webhooks_for_policies_and_back()
        self.leaves_capps_behind()
        self.hands_the_crds_to_another_release()

    def install(self, *arguments, release="capp-operator", ns=ns):
        return self.cluster.helm("upgrade", "--install", release, CHART, "--namespace", ns, "--create-namespace", *arguments)

    def installs_the_crds_first(self):
        with self.assertRaisesRegex(Refused, "the cluster does not serve CappConfig yet"):
            self.install(*self.config)
        notes = self.install(*self.config, *values("config.required=false"))
        self.assertIn("One replica", notes)
        self.assertIn("THE CAPPCONFIG IS NOT MADE YET", notes)
        self.assertEqual(self.crds(), CRDS)
        self.cluster.kubectl("wait", "crd", *CRDS, "--for", "condition=Established", "--timeout", "30s")

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
        self.cluster.kubectl("patch", "validatingwebhookconfiguration", self.webhook, "--type=json", "--field-manager=capp-operator",
                        f'-p=[{{"op": "add", "path": "/webhooks/0/clientConfig/caBundle", "value": "{bundle}"}}]')
        notes = self.install(*self.config, *values("replicaCount=2", "manager.args[0]=--log-verbosity=1"))
        self.assertNotIn("One replica", notes)
        self.assertNotIn("CAPPCONFIG", notes)
        deployment = self.of_release("deployment")["spec"]
        self.assertEqual(deployment["replicas"], 2)
        self.assertIn("--log-verbosity=1", deployment["template"]["spec"]["containers"][0]["args"])
        self.assertTrue(self.of_release("poddisruptionbudget"))
        limits = self.cluster.get("cappconfig", "-n", self.ns, "capp-config")["spec"]
        self.assertEqual((limits["dnsConfig"]["zone"], limits["autoscaleConfig"]["rps"]), ("a.example.", 7))
        self.assertEqual(self.cluster.get("validatingwebhookconfiguration", self.webhook)["webhooks"][0]["clientConfig"]["caBundle"], bundle)

    def swaps_webhooks_for_policies_and_back(self):
        self.install(*self.config, *values("webhook.mode=policy"))
        self.assertIsNone(self.cluster.get("validatingwebhookconfiguration", self.webhook))
        self.assertIsNone(self.of_release("poddisruptionbudget"))
        self.assertIn(f"{self.name}-capp-rules", self.refusal_in_time(a_capp("bad", "default", hostname="a.self.cluster.local")))
        self.cluster.helm("rollback", "capp-operator", "2", "--namespace", self.ns)
        self.assertTrue(self.cluster.get("validatingwebhookconfiguration", self.webhook))

    def leaves_capps_behind(self):
        # Nobody answers the webhook here.
        self.install(*self.config, *values("webhook.mode=none"))
        self.cluster.apply(a_capp("kept", self.ns))
        self.cluster.helm("uninstall", "capp-operator", "--namespace", self.ns)
        self.assertTrue(self.cluster.get("capp", "-n", self.ns, "kept"))
        self.assertIsNone(self.of_release("deployment"))
        self.assertIsNone(self.cluster.get("clusterrole", f"{self.name}-manager-role"))

    def hands_the_crds_to_another_release(self):
        with self.assertRaisesRegex(Refused, "invalid ownership metadata"):
            self.install(release="second", ns="chart-second")
        self.install("--take-ownership", *values("webhook.mode=none"), release="second", ns="chart-second")
        self.cluster.helm("uninstall", "second", "--namespace", "chart-second")
        self.assertEqual(self.crds(), CRDS)
        self.assertTrue(self.cluster.get("capp", "-n", self.ns, "kept"))

    def crds(self):
        return [name for name in CRDS if self.cluster.get("crd", name)]

    def of_release(self, kind):
        return self.cluster.get(kind, "-n", self.ns, f"{self.name}-controller-manager")

    def refusal_in_time(self, capp):
        """The API server takes notice of a policy within seconds."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                self.cluster.kubectl("create", "--dry-run=server", "-f", "-", text_in=json.dumps(capp))
            except Refused as refused:
                return str(refused)
        return "not refused"

    def may(self, user, *question):
        # `auth can-i` says no by its exit code too.
        try:
            return self.cluster.kubectl("auth", "can-i", *question, "--as", user).strip()
        except Refused as refused:
            return str(refused).strip().splitlines()[0]
