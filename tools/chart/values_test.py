"""values.py tells what a value lacks."""

import json
import unittest

from values import Value, disagreements, go_chart_table, read_values, values_table

VALUES = """# Of the chart.

# -- How many pods
replicaCount: 1
image:
  # -- Where it is, `a|b`
  repository: example.com/a
  tags:
    # -- Deep
    deep: {a: b}
# -- Last
last: []
"""


class Values(unittest.TestCase):
    def test_are_read_with_path_default_and_meaning(self):
        self.assertEqual(read_values(VALUES), [
            Value("replicaCount", "1", "How many pods"), Value("image.repository", "example.com/a", "Where it is, `a|b`"),
            Value("image.tags.deep", "{a: b}", "Deep"), Value("last", "[]", "Last")])

    def test_without_a_comment_are_refused(self):
        with self.assertRaisesRegex(ValueError, "line 2: b has no comment"):
            read_values("# not a meaning\nb: 1\n")
        with self.assertRaisesRegex(ValueError, "line 3: c has no comment"):
            read_values("# -- B\nb: 1\nc: 2\n")

    def test_in_block_style_are_refused(self):
        with self.assertRaisesRegex(ValueError, "line 3: a key with its default"):
            read_values("# -- List\nlist:\n- a\n")

    def test_and_schema_must_agree(self):
        schema = {"properties": {"global": {}, "old": {"deprecated": True}, "new": {},
                                 "image": {"properties": {"repository": {}}}, "replicaCount": {}}}
        self.assertEqual(disagreements(read_values(VALUES), json.dumps(schema)), [
            "values.schema.json lacks image.tags.deep", "values.schema.json lacks last", "values.yaml lacks new"])

    def test_stand_in_a_table(self):
        self.assertIn("| `image.repository` | `example.com/a` | Where it is, `a\\|b` |", values_table(read_values(VALUES)))

    def test_of_the_go_charts_stand_in_a_table(self):
        table = go_chart_table('renamed:\n  a.b: c\nunused:\n  d: "why"\n')
        self.assertEqual(table.splitlines()[2:], ["| `a.b` | works; now `c` |", "| `d` | no effect: why |"])


if __name__ == "__main__":
    unittest.main()
