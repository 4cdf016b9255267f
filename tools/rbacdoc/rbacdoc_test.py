"""python3 -m unittest discover -s tools/rbacdoc -p '*_test.py'"""

import unittest

import rbacdoc

ROLE = """kind: Role
metadata:
  name: manager
rules:
# Pods are
# counted.
- apiGroups: [""]
  resources: [pods, pods/log]
  resourceNames: [web]
  verbs: [get]
"""


class RbacDocTest(unittest.TestCase):
    def test_a_rule_is_a_row_with_its_reason(self):
        self.assertEqual(rbacdoc.table(rbacdoc.rules_of(ROLE)).split("\n")[2],
                         "| core | `pods`, `pods/log` | `web` | `get` | Pods are counted. |")

    def test_a_rule_without_a_reason_is_refused(self):
        with self.assertRaisesRegex(ValueError, "no reason"):
            rbacdoc.rules_of(ROLE.replace("# Pods are\n# counted.\n", ""))

    def test_a_field_that_would_be_left_out_is_refused(self):
        with self.assertRaisesRegex(ValueError, "not understood"):
            rbacdoc.rules_of(ROLE + "  nonResourceURLs: [/metrics]\n")

    def test_the_table_stands_where_the_page_says(self):
        text = "a\n<!-- rules of role.yaml: Role manager -->\nold\n<!-- end -->\nb"
        made = rbacdoc.page(text, {"role.yaml": ROLE}.get)
        self.assertEqual(made, text.replace("old\n", rbacdoc.table(rbacdoc.rules_of(ROLE))))

    def test_a_role_that_is_not_there_is_refused(self):
        with self.assertRaisesRegex(ValueError, "no ClusterRole manager"):
            rbacdoc.role_in(ROLE, "ClusterRole", "manager")


if __name__ == "__main__":
    unittest.main()
