"""What `helm template` makes of the chart, sent to the API server for a dry run: it refuses unknown fields and wrong values.

CAPP_OPERATOR, where set, is the operator that must understand the flags.
"""

import os
import re
import subprocess
import unittest

from cluster import CACHE, CHART, CRDS, ROOT, Refused, namespace, shared_cluster, values

MONITORING = ["--api-versions", "monitoring.coreos.com/v1/ServiceMonitor", "--api-versions", "monitoring.coreos.com/v1/PrometheusRule"]
MICROSHIFT = ["--api-versions", "security.openshift.io/v1"]
OPENSHIFT = [*MICROSHIFT, "--api-versions", "console.openshift.io/v1"]

# Takes everything: cert-manager's own is not among the CRDs that the tests have.
ISSUER = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "issuers.cert-manager.io"},
          "spec": {"group": "cert-manager.io", "scope": "Namespaced", "names": {"kind": "Issuer", "plural": "issuers"},
                   "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {
                       "type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}}


class Rendered(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = shared_cluster()
        cls.cluster.apply(namespace("chart-rendered"), namespace("openshift-console"), ISSUER)
        for crds in (ROOT / "config/crd/bases", CACHE / "crds-monitoring", CACHE / "crds/cert-manager.io_certificates.yaml"):
            # Another test may have left them as those of a release.
            cls.cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", crds)
        cls.cluster.kubectl("wait", "crd", "--all", "--for", "condition=Established", "--timeout", "30s")

    def deployment(self, *arguments):
        return self.cluster.rendered(*arguments)["Deployment", "capp-container-app-operator-controller-manager"]

    def pod(self, *arguments):
        return self.deployment(*arguments)["spec"]["template"]["spec"]

    def manager(self, *arguments):
        return self.pod(*arguments)["containers"][0]

    def test_the_crds_are_those_of_config(self):
        objects = self.cluster.rendered(*values("crds.enabled=true"))
        for name in CRDS:
            self.assertEqual(objects["CustomResourceDefinition", name]["spec"], self.cluster.get("crd", name)["spec"])
            self.assertEqual(objects["CustomResourceDefinition", name]["metadata"]["annotations"]["helm.sh/resource-policy"], "keep")
        self.assertNotIn("resource-policy", self.cluster.template("capp", "chart-rendered", *values("crds.keep=false")))

    def test_each_values_file_is_accepted_and_clean(self):
        for file in CHART.glob("values*.yaml"):
            with self.subTest(file.name):
                self.assertNotIn("WARNING", self.cluster.helm("lint", "--strict", CHART, "--values", file))
                self.assertTrue(self.cluster.rendered("--values", file, *MONITORING))

    def test_production_has_all_that_keeps_it_available_and_watched(self):
        kinds = {kind for kind, _ in self.cluster.rendered("--values", CHART / "values-production.yaml", *MONITORING)}
        self.assertLessEqual({"PodDisruptionBudget", "PriorityClass", "NetworkPolicy", "ServiceMonitor", "PrometheusRule"}, kinds)

    def test_a_drained_node_does_not_wait_for_a_pod_that_is_not_ready(self):
        budget = self.cluster.rendered(*values("replicaCount=2"))["PodDisruptionBudget", "capp-container-app-operator-controller-manager"]
        self.assertEqual(budget["spec"]["unhealthyPodEvictionPolicy"], "AlwaysAllow")

    def test_the_pod_is_restricted(self):
        pod = self.pod()
        self.assertEqual(pod["securityContext"], {"runAsNonRoot": True, "runAsUser": 65532, "runAsGroup": 65532,
                                                  "seccompProfile": {"type": "RuntimeDefault"}})
        self.assertEqual(pod["containers"][0]["securityContext"], {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}})

    def test_openshift_chooses_the_user_and_has_a_console(self):
        objects = self.cluster.rendered(*OPENSHIFT)
        pod = objects["Deployment", "capp-container-app-operator-controller-manager"]["spec"]["template"]["spec"]
        self.assertNotIn("runAsUser", pod["securityContext"])
        role = objects["RoleBinding", "capp-container-app-operator-console-rolebinding"]
        self.assertEqual(role["metadata"]["namespace"], "openshift-console")
        self.assertEqual(role["subjects"][0]["namespace"], "chart-rendered")
        self.assertNotIn("openshift-console", self.cluster.template("capp", "chart-rendered", *MICROSHIFT))
        self.assertEqual(self.pod(*OPENSHIFT, *values("openshift.adaptSecurityContext=disabled"))["securityContext"]["runAsUser"], 65532)

    def test_each_webhook_mode_has_what_it_needs_and_no_more(self):
        webhooks = {"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"}
        policies = {"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}
        wanted = {"self-signed": webhooks, "cert-manager": webhooks | {"Certificate", "Issuer"}, "policy": policies, "none": set()}
        for mode, kinds in wanted.items():
            with self.subTest(mode):
                objects = self.cluster.rendered(*values(f"webhook.mode={mode}"))
                self.assertEqual({kind for kind, _ in objects} & (webhooks | policies | {"Certificate", "Issuer"}), kinds)
                self.assertEqual(("Service", "capp-container-app-operator-webhook-service") in objects, kinds >= webhooks)
                self.assertEqual(("Role", "capp-container-app-operator-webhook-certificate-role") in objects, mode == "self-signed")

    def test_names_agree_with_each_other(self):
        objects = self.cluster.rendered()
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

    def test_the_own_certificate_is_not_in_cert_managers_secret(self):
        objects = self.cluster.rendered()
        role = objects["Role", "capp-container-app-operator-webhook-certificate-role"]
        named = next(rule["resourceNames"] for rule in role["rules"] if "patch" in rule["verbs"])
        self.assertEqual(named, ["webhook-self-signed-cert"])
        self.assertIn(f"--webhook-secret-name={named[0]}", str(objects["Deployment", "capp-container-app-operator-controller-manager"]))
        self.assertNotIn("webhook-self-signed-cert", str(self.cluster.rendered(*values("webhook.mode=cert-manager"))))

    def test_policies_are_bound_and_read_the_limits_of_this_namespace(self):
        objects = self.cluster.rendered(*values("webhook.mode=policy", "kubernetesClusterDomain=corp.example"))
        bindings = [item for (kind, _), item in objects.items() if kind == "ValidatingAdmissionPolicyBinding"]
        policies = [name for kind, name in objects if kind == "ValidatingAdmissionPolicy"]
        self.assertCountEqual([binding["spec"]["policyName"] for binding in bindings], policies)
        for binding in bindings:
            self.assertEqual(binding["spec"].get("paramRef", {}).get("namespace", "chart-rendered"), "chart-rendered")
        self.assertIn("'corp.example'", str(objects))
        self.assertNotIn("self.cluster.local", str(objects))

    def test_nothing_has_the_names_that_kustomize_gives(self):
        manifest = self.cluster.template("other", "elsewhere", "--values", CHART / "values-production.yaml", *MONITORING, *OPENSHIFT,
                                         *values("webhook.mode=policy"))
        manifest += self.cluster.template("other", "elsewhere")
        self.assertEqual(set(re.findall(r"capp-operator-[\w.-]+", manifest)), {"capp-operator-last-good"})
        self.assertNotRegex(manifest, r"namespace: system\b")

    def test_a_release_may_be_named_as_kustomize_names(self):
        for mode in ("self-signed", "policy"):
            of_any_name, of_that_name = (self.cluster.template(name, "elsewhere", *values(f"webhook.mode={mode}", "crds.enabled=false"))
                                         for name in ("as-long-as-the-other", "capp-operator-system"))
            self.assertEqual(of_that_name, of_any_name.replace("as-long-as-the-other", "capp-operator-system"))

    def test_a_constraint_of_spread_is_about_these_pods(self):
        deployment = self.deployment("--values", CHART / "values-production.yaml")
        for constraint in deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]:
            self.assertEqual(constraint["labelSelector"], deployment["spec"]["selector"])

    def test_the_network_policy_lets_in_who_is_named(self):
        def callers(*arguments):
            policy = self.cluster.rendered("--set", "networkPolicy.enabled=true", *arguments)["NetworkPolicy", "capp-container-app-operator-controller-manager"]
            return {rule["ports"][0]["port"]: rule.get("from") for rule in policy["spec"]["ingress"]}
        scrapers = [{"namespaceSelector": {"matchLabels": {"metrics": "enabled"}}}]
        self.assertEqual(callers(), {"metrics": scrapers, "webhook": None})
        self.assertEqual(callers(*values("networkPolicy.webhookFrom[0].ipBlock.cidr=192.0.2.10/32")),
                         {"metrics": scrapers, "webhook": [{"ipBlock": {"cidr": "192.0.2.10/32"}}]})

    def test_every_toggle_is_accepted(self):
        objects = self.cluster.rendered("--values", ROOT / "tests/chart/every-toggle.yaml")
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

    def test_what_is_switched_off_is_not_there(self):
        objects = self.cluster.rendered(*values("rbac.create=false", "serviceAccount.create=false", "serviceAccount.name=me",
                                                "metrics.enabled=false", "webhook.mode=none"))
        self.assertEqual([kind for kind, _ in objects], ["Deployment"])
        self.assertIn("--metrics-bind-address=0", str(objects))

    def test_certificates_are_of_the_issuer_that_is_named(self):
        objects = self.cluster.rendered(*values("webhook.mode=cert-manager", "metrics.secure=true", "webhook.certManager.issuerRef.name=ca"))
        certificates = {item["spec"]["secretName"]: item["spec"]["issuerRef"] for (kind, _), item in objects.items() if kind == "Certificate"}
        self.assertEqual(certificates, {"webhook-server-cert": {"name": "ca"}, "metrics-server-cert": {"name": "ca"}})
        self.assertNotIn("Issuer", [kind for kind, _ in objects])
        pod = objects["Deployment", "capp-container-app-operator-controller-manager"]["spec"]["template"]["spec"]
        self.assertEqual([volume["secret"]["secretName"] for volume in pod["volumes"]], ["metrics-server-cert", "webhook-server-cert"])
        self.assertIn("--metrics-cert-path=" + pod["containers"][0]["volumeMounts"][0]["mountPath"], pod["containers"][0]["args"])

    def test_who_scrapes_is_asked_for_by_name_where_metrics_are_secured(self):
        rights = {("ClusterRole", "capp-container-app-operator-metrics-auth-role"), ("ClusterRole", "capp-container-app-operator-metrics-reader"),
                  ("ClusterRoleBinding", "capp-container-app-operator-metrics-auth-rolebinding")}
        self.assertLessEqual(rights, set(self.cluster.rendered(*values("metrics.secure=true"))))
        self.assertFalse(rights & set(self.cluster.rendered()))

    def test_prometheus_checks_the_certificate_where_it_can(self):
        def endpoint(*pairs):
            objects = self.cluster.rendered(*values("metrics.secure=true", "serviceMonitor.enabled=true", *pairs), *MONITORING)
            return objects["ServiceMonitor", "capp-container-app-operator-controller-manager"]["spec"]["endpoints"][0]
        server = {"serverName": "capp-container-app-operator-metrics-service.chart-rendered.svc"}
        ca = {"secret": {"name": "metrics-server-cert", "key": "ca.crt"}}
        own = endpoint()
        self.assertEqual(own["tlsConfig"], server | {"insecureSkipVerify": True})
        self.assertIn("bearerTokenFile", own)
        mode, of_manager = "webhook.mode=cert-manager", server | {"insecureSkipVerify": False, "ca": ca}
        self.assertEqual(endpoint(mode)["tlsConfig"], of_manager)
        self.assertEqual(endpoint(mode, "serviceMonitor.tls.insecureSkipVerify=true")["tlsConfig"], own["tlsConfig"])
        self.assertEqual(endpoint("serviceMonitor.tls.caFile=/ca")["tlsConfig"], server | {"insecureSkipVerify": False, "caFile": "/ca"})
        given = endpoint("serviceMonitor.tls.ca.configMap.name=a", "serviceMonitor.tls.ca.configMap.key=b",
                         "serviceMonitor.credentials.name=token", "serviceMonitor.credentials.key=token")
        self.assertEqual(given["tlsConfig"], server | {"insecureSkipVerify": False, "ca": {"configMap": {"name": "a", "key": "b"}}})
        self.assertEqual(given["authorization"], {"credentials": {"name": "token", "key": "token"}})
        self.assertNotIn("bearerTokenFile", given)

    def test_the_alert_on_memory_is_about_the_limit(self):
        def alert(limit):
            objects = self.cluster.rendered("--set-json", f"manager.resources.limits.memory={limit}", *values("prometheusRule.enabled=true"), *MONITORING)
            rules = objects["PrometheusRule", "capp-container-app-operator-controller-manager"]["spec"]["groups"][0]["rules"]
            return next((rule for rule in rules if rule["alert"] == "CappOperatorMemoryHigh"), None)
        # 80 % of each.
        for limit, threshold in (('"128Mi"', 107374182), ('"1.5G"', 1200000000), ("200000000", 160000000)):
            self.assertTrue(alert(limit)["expr"].endswith(f" > {threshold}"), alert(limit))
        self.assertIn("its limit of 1.5G", alert('"1.5G"')["annotations"]["summary"])
        self.assertIsNone(alert("null"))

    def test_names_of_the_go_charts_work(self):
        objects = self.cluster.rendered("--values", ROOT / "tests/chart/go-chart-values.yaml", "--api-versions", "rcs.dana.io/v1alpha1/CappConfig")
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

    def test_a_flag_that_the_chart_sets_too_is_there_once(self):
        arguments = self.manager("--set", "manager.args={-leader-elect,--leader-elect=true,--leader-elect-retry-period=2s,--log-verbosity=1}")["args"]
        self.assertEqual(sorted(set(arguments)), sorted(arguments))
        self.assertEqual(arguments[-1], "--log-verbosity=1")

    def test_wrong_values_are_refused_with_what_is_wrong(self):
        wrong = {
            "replicCount=2": "additional properties 'replicCount' not allowed",
            "replicaCount=two": "at '/replicaCount': got string, want integer",
            "webhook.mode=webhook": "value must be one of 'self-signed', 'cert-manager', 'policy', 'none'",
            "metrics.port=0": "at '/metrics/port': minimum: got 0, want 1",
            "dnsConfig.zone=no.dot": "at '/dnsConfig/zone': 'no.dot' does not match pattern",
            "image.digest=latest": "at '/image/digest'",
            "networkPolicy.webhookFrom[0].cidr=192.0.2.10/32": "additional properties 'cidr' not allowed",
            "leaderElection.leaseDuration=15": "at '/leaderElection/leaseDuration': got number, want string",
            "autoscaleConfig.name=mine": 'autoscaleConfig.name is "mine": the operator reads the ConfigMap autoscale-defaults',
            "manager.args[0]=--metrics-bind-address=127.0.0.1:8080": "use metrics.enabled and metrics.port",
            "manager.args[0]=--namespace=there": "--namespace=there: must not be set here",
            "manager.args[0]=-webhook-port=8443": "use port 9443, to which the webhook's Service leads",
            "manager.args[0]=--webhook-secret-name=mine": "use webhook.mode=self-signed, whose Role names the Secret",
            "config.maxKafkaConsumers=1": "config: the cluster does not serve CappConfig yet",
            "manager.args[0]=verbose": "at '/manager/args/0'",
            "metrics.port=9443": "metrics.port is 9443: that is the port of the webhooks",
            "metricsService.port=8081": "metrics.port is 8081: that is the port of the probes",
            "serviceMonitor.tls.caFile=/ca serviceMonitor.tls.ca.secret.name=a serviceMonitor.tls.ca.secret.key=b": "has both ca and caFile",
            "serviceMonitor.credentials.name=a": "at '/serviceMonitor/credentials'",
            "serviceAccount.create=false": "serviceAccount.name must say which one to use",
        }
        for pairs, complaint in wrong.items():
            with self.subTest(pairs), self.assertRaises(Refused) as refused:
                self.cluster.template("capp", "chart-rendered", *values(*pairs.split()))
            self.assertIn(complaint, str(refused.exception))

    def test_every_flag_that_the_chart_sets_is_refused_elsewhere(self):
        flags = {word.split("=")[0] for mode in ("self-signed", "cert-manager", "none")
                 for word in self.manager(*values(f"webhook.mode={mode}", "metrics.secure=true"))["args"]}
        for flag in flags:
            with self.subTest(flag), self.assertRaisesRegex(Refused, f"manager.args: {flag}=other: must not be set here"):
                self.cluster.template("capp", "chart-rendered", *values(f"manager.args[0]={flag}=other"))

    @unittest.skipUnless("CAPP_OPERATOR" in os.environ, "no operator to ask: CAPP_OPERATOR")
    def test_the_operator_understands_its_arguments(self):
        for mode in ("self-signed", "cert-manager", "policy"):
            arguments = self.manager(*values(f"webhook.mode={mode}", "metrics.secure=true"))["args"]
            with self.subTest(mode):
                # Stops after the flags: 1 for want of a cluster, 2 for a flag that it does not know.
                done = subprocess.run([os.environ["CAPP_OPERATOR"], *arguments, "--kubeconfig=/nonexistent"],
                                      text=True, capture_output=True, timeout=30, check=False)
                self.assertEqual(done.returncode, 1, done.stderr)
