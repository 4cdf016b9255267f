"""values.yaml as this project writes it: a line a value, its meaning in the comment above, its default on the same line."""

import json
import re
from dataclasses import dataclass

_KEY = re.compile(r"^(?P<indent> *)(?P<key>[A-Za-z][\w-]*):(?: (?P<default>.+))?$")
_MEANING = re.compile(r"^ *# -- (?P<meaning>.+)$")


@dataclass(frozen=True)
class Value:
    path: str  # with dots between keys
    default: str  # as values.yaml has it
    meaning: str


def read_values(text):
    """All values, in their order. Raises ValueError for one that is not described, or is not of this form."""
    values, parents, meaning = [], [], ""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        if line.lstrip().startswith("#"):
            match = _MEANING.match(line)
            meaning = match["meaning"] if match else ""
            continue
        match = _KEY.match(line)
        if not match:
            raise ValueError(f"line {number}: a key with its default on the same line is expected, not {line!r}")
        del parents[len(match["indent"]) // 2:]
        path = ".".join([*parents, match["key"]])
        if match["default"] is None:
            parents.append(match["key"])
        elif meaning:
            values.append(Value(path, match["default"], meaning))
        else:
            raise ValueError(f"line {number}: {path} has no comment '# -- …' above it")
        meaning = ""
    return values


def schema_paths(schema, prefix=""):
    """Paths of the values that a JSON schema declares, without those marked deprecated; a map of anything is one value."""
    paths = []
    for key, child in schema.get("properties", {}).items():
        if child.get("deprecated"):
            continue
        if child.get("properties"):
            paths += schema_paths(child, f"{prefix}{key}.")
        else:
            paths.append(prefix + key)
    return paths


def disagreements(values, schema_text):
    """What values.yaml and values.schema.json do not both have."""
    schema = json.loads(schema_text)
    ours, theirs = {value.path for value in values}, set(schema_paths(schema)) - {"global"}
    return ([f"values.schema.json lacks {path}" for path in sorted(ours - theirs)]
            + [f"values.yaml lacks {path}" for path in sorted(theirs - ours)])


def values_table(values):
    """The table of the README."""
    rows = [f"| `{value.path}` | `{_cell(value.default)}` | {_cell(value.meaning)} |" for value in values]
    return "\n".join(["| value | default | meaning |", "|---|---|---|", *rows])


def go_chart_table(text):
    """What became of the Go charts' values (files/go-chart-values.yaml: two maps of strings), as a table of the README."""
    rows, section = [], ""
    for line in text.splitlines():
        if re.match(r"^\w+:$", line):
            section = line[:-1]
        elif match := re.match(r'^  ([\w.]+): "?(.+?)"?$', line):
            became = f"works; now `{match[2]}`" if section == "renamed" else f"no effect: {match[2]}"
            rows.append(f"| `{match[1]}` | {_cell(became)} |")
    return "\n".join(["| value of a Go chart | here |", "|---|---|", *rows])


def _cell(text):
    return text.replace("|", "\\|")
