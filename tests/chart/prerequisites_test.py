"""What Capps need besides Knative: Knative's features, and the charts of others (charts/capp-prereq-helmfile.yaml).

No registry of charts is asked: the charts themselves are not installed. Where helmfile is, it renders the state and the values.
"""

import os
import re
import shutil
import unittest

from cluster import ROOT, Refused, namespace, run, shared_cluster

HELMFILE = ROOT / "charts/capp-prereq-helmfile.yaml"


class PersistentVolumes(unittest.TestCase):
    claim, write = "kubernetes.podspec-persistent-volume-claim", "kubernetes.podspec-persistent-volume-write"

    def enable(self):
        return shared_cluster().make("enable-persistent-volumes")

    def test_are_enabled_and_nothing_else_changes(self):
        with self.assertRaisesRegex(Refused, "config-features"):
            self.enable()
        shared_cluster().apply(namespace("knative-serving"), {
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "config-features", "namespace": "knative-serving"},
            "data": {"_example": "explained here", self.claim: "disabled", "multi-container": "disabled"}})
        self.enable()
        self.assertEqual(self.features()["data"], {"_example": "explained here", self.claim: "enabled", self.write: "enabled",
                                                   "multi-container": "disabled"})
        version = self.features()["metadata"]["resourceVersion"]
        self.enable()
        self.assertEqual(self.features()["metadata"]["resourceVersion"], version)

    def features(self):
        return shared_cluster().get("configmap", "-n", "knative-serving", "config-features")


class Helmfile(unittest.TestCase):
    def test_pins_every_chart(self):
        releases = HELMFILE.read_text(encoding="utf-8").split("\nreleases:\n")[1].split("\n- name: ")
        names = [re.match(r"(?:.*\n)*?(?:- name: )?([\w-]+)\n", release)[1] for release in releases[1:]]
        self.assertCountEqual(names, [
            "cert-manager", "cert-external-issuer", "crossplane", "provider-dns", "logging-operator", "nfspvc-operator"])
        for release in releases[1:]:
            self.assertRegex(release, r"(?m)^  version: v?\d+\.\d+\.\d+$")


if __name__ == "__main__":
    unittest.main()
