"""Run: python3 -m unittest discover -s tools/crdgen -p '*_test.py'"""

import re
import unittest

import apidoc
import crdgen
import cron
import podspec
import schema
import yamltext


def expand(definitions, field):
    """What becomes of a `field` with the schema given, in a pod spec of nothing else."""
    pod_spec = {"type": "object", "properties": {"field": field}}
    built = podspec.PodSpecBuilder(definitions | {podspec.POD_SPEC: pod_spec}).build()
    return built["properties"]["field"]


class PodSpec(unittest.TestCase):
    def test_every_object_preserves_unknown_fields(self):
        inner = {"type": "object", "properties": {"x": {"type": "string"}}}
        built = expand({"Inner": inner}, {"$ref": "#/Inner"})
        self.assertEqual(built, inner | schema.preserve_unknown())

    def test_a_map_preserves_nothing_beside_its_values(self):
        strings = {"type": "object", "additionalProperties": {"type": "string", "default": ""}}
        self.assertEqual(
            expand({}, strings), {"type": "object", "additionalProperties": {"type": "string"}}
        )

    def test_only_an_optional_merge_key_keeps_its_default(self):
        entry = {
            "type": "object",
            "required": ["port"],
            "properties": {
                "port": {"type": "integer", "default": 0},
                "protocol": {"type": "string", "default": "TCP"},
                "hostIP": {"type": "string", "default": "any"},
            },
        }
        ports = {
            "type": "array",
            "items": entry,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["port", "protocol"],
            "x-kubernetes-patch-merge-key": "port",
        }
        built = expand({}, ports)
        self.assertEqual(
            built["items"]["properties"],
            {
                "hostIP": {"type": "string"},
                "port": {"type": "integer"},
                "protocol": {"type": "string", "default": "TCP"},
            },
        )
        self.assertNotIn("x-kubernetes-patch-merge-key", built)

    def test_what_knative_fills_in_is_not_required(self):
        container = "io.k8s.api.core.v1.Container"
        name = {"type": "string", "default": ""}
        inner = {"type": "object", "required": ["name"], "properties": {"name": name}}
        containers = {
            "type": "array",
            "items": {"$ref": "#/" + container},
            "x-kubernetes-list-map-keys": ["name"],
        }
        items = expand({container: inner}, containers)["items"]
        self.assertNotIn("required", items)
        self.assertEqual(items["properties"]["name"], name)

    def test_a_description_beside_a_reference_wins(self):
        field = {"allOf": [{"$ref": "#/Inner"}], "description": "Of the field. More."}
        inner = {"type": "object", "description": "Of the type."}
        self.assertEqual(expand({"Inner": inner}, field)["description"], "Of the field.")

    def test_first_sentence_does_not_end_at_an_abbreviation(self):
        text = "Selects keys, e.g. A or B.\nDefaults to all. More info."
        self.assertEqual(podspec.first_sentence(text), "Selects keys, e.g. A or B.")


class Crds(unittest.TestCase):
    CRDS = crdgen.crds(podspec.EMPTY)

    def test_every_field_of_ours_is_described(self):
        for crd in self.CRDS:
            root = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
            for name in ("spec", "status"):
                self.assertEqual(list(undescribed(root["properties"][name], name)), [])

    def test_kustomize_takes_every_crd(self):
        listed = (crdgen.BASES.parent / "kustomization.yaml").read_text().splitlines()
        for crd in self.CRDS:
            self.assertIn(f"- bases/{crdgen.file_name(crd)}", listed)

    def test_each_file_has_a_crd(self):
        files = sorted(path.name for path in crdgen.BASES.glob("*.yaml"))
        self.assertEqual(files, sorted(map(crdgen.file_name, self.CRDS)))


def undescribed(field, path):
    """The paths below `path` that `kubectl explain` would say nothing about."""
    if "description" not in field:
        yield path
    for name, inner in field.get("properties", {}).items():
        yield from undescribed(inner, f"{path}.{name}")
    for name, inner in field.get("items", {}).get("properties", {}).items():
        yield from undescribed(inner, f"{path}[].{name}")


class ApiReference(unittest.TestCase):
    def section(self, properties, **keywords):
        """What is written of a spec with these properties, below its heading."""
        spec = schema.struct("Spec.", properties, **keywords)
        root = schema.root("A kind.", {"spec": spec, "status": {}})
        crd = schema.custom_resource_definition("Thing", "things", root, columns=[])
        return apidoc.render([crd]).split("### Thing.spec\n")[1]

    def test_a_row_tells_type_default_rules_and_meaning(self):
        count = schema.integer("How many.", minimum=1, default=5)
        self.assertIn(
            "| `count` | integer | `5` | required; at least 1 | How many. |",
            self.section({"count": count}, required=["count"]),
        )

    def test_a_struct_of_one_field_has_no_table(self):
        inner = schema.struct("Inner.", {"name": schema.string("Its name.")}, required=["name"])
        self.assertIn(
            "| `inner.name` | string |  |  | Its name. |", self.section({"inner": inner})
        )

    def test_a_struct_is_told_once(self):
        pair = schema.struct("Pair.", {"a": schema.string("A."), "b": schema.string("B.")})
        text = self.section({"one": pair, "two": schema.atomic_list("Two.", pair)})
        self.assertEqual(text.count("### Thing.spec.one\n"), 1)
        self.assertIn("| `two` | [list of objects](#thingspecone) |", text)
        self.assertNotIn("### Thing.spec.two", text)

    def test_the_rule_of_a_struct_stands_below_its_table(self):
        rule = schema.rule("self.a < self.b", "a must be less than b")
        section = self.section({"a": schema.integer("A."), "b": schema.integer("B.")}, rules=[rule])
        self.assertTrue(section.endswith("B. |\n\nRule: a must be less than b.\n"), section)


class Rule(unittest.TestCase):
    def test_without_a_value_there_is_only_the_message(self):
        told = {"rule": "self > 0", "message": "n must be positive"}
        self.assertEqual(schema.rule("self > 0", "n must be positive"), told)

    def test_a_value_is_told_before_the_message(self):
        made = schema.rule("self != ''", "it must be '/'", *schema.SELF, reason="FieldValueInvalid")
        self.assertEqual(made["messageExpression"], r'''"\"%s\": it must be '/'".format([self])''')
        self.assertEqual(made["reason"], "FieldValueInvalid")


class Schedule(unittest.TestCase):
    def test_takes_what_knative_takes(self):
        for schedule in (
            "* * * * *",
            "0 8-18/2 1,15 JAN-jun mon",
            "30 */5 * * * ?",
            "00 08 * * 1-5",
            " 0 0 1 1 0 ",
            "@hourly",
            "CRON_TZ=Asia/Jerusalem 0 8 * * *",
            "TZ= +5 *-9/+2 1,,2, * *",
        ):
            self.assertRegex(schedule, cron.SCHEDULE)

    def test_refuses_what_no_schedule_is(self):
        for schedule in (
            "* * * *",
            "* * * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * 32 * *",
            "* * * 13 *",
            "* * * foo *",
            "* * * * 7",
            "*/0 * * * *",
            "1- * * * *",
            "1--2 * * * *",
            "@every 5m",
            "@noon",
            "TZ=UTC",
            "12* * * * *",
            "daily",
        ):
            self.assertNotRegex(schedule, cron.SCHEDULE)

    def test_the_longest_without_repetition_fits(self):
        def numbers(first, last):
            return ",".join(str(number) for number in range(first, last + 1))

        months = ",".join("jan feb mar apr may jun jul aug sep oct nov dec".split())
        weekdays = ",".join("sun mon tue wed thu fri sat".split())
        zone = "CRON_TZ=America/Argentina/ComodRivadavia"
        sixty = numbers(0, 59)
        fields = (zone, sixty, sixty, numbers(0, 23), numbers(1, 31), months, weekdays)
        longest = " ".join(fields)
        self.assertRegex(longest, cron.SCHEDULE)
        self.assertLessEqual(len(longest), cron.MAX_LENGTH)


class YamlText(unittest.TestCase):
    def test_quotes_what_yaml_would_read_as_something_else(self):
        for text in ("true", "No", "~", "1", ".5", ".inf", "a: b", "a #b", "- a", "", "*", "a "):
            self.assertEqual(yamltext.dump({"key": text}), f'key: "{text}"\n')

    def test_leaves_plain_words_bare(self):
        for text in ("string", ".spec.state", "rcs.dana.io/v1alpha1", "int-or-string"):
            self.assertEqual(yamltext.dump({"key": text}), f"key: {text}\n")

    def test_nests_maps_and_lists_as_kubebuilder_does(self):
        value = {"a": [{"b": 1, "c": []}, "d"], "e": {"f": {}, "g": True}}
        self.assertEqual(
            yamltext.dump(value), "a:\n- b: 1\n  c: []\n- d\ne:\n  f: {}\n  g: true\n"
        )

    def test_folds_a_long_text(self):
        words = " ".join(["word"] * 40)
        head, *lines = yamltext.dump({"key": words}).splitlines()
        self.assertEqual(head, "key: >-")
        self.assertEqual(" ".join(line.strip() for line in lines), words)
        self.assertTrue(all(len(line) <= yamltext.WIDTH for line in lines))

    def test_does_not_fold_what_folding_would_change(self):
        text = "word  " * 40
        self.assertEqual(yamltext.dump({"key": text}), f'key: "{text}"\n')


if __name__ == "__main__":
    unittest.main()
