#!/usr/bin/env python3
"""Writes the rules of the operator's roles, with the reason of each, into docs/reference/rbac.md.

`--check` writes nothing and exits with 1 where the page is not up to date. A rule's reason is the comment above it.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/reference/rbac.md"
# "<!-- rules of FILE: KIND NAME -->", what is generated, "<!-- end -->"
_PLACE = re.compile(r"(<!-- rules of (\S+): (\S+) (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
_FIELD = re.compile(r"^(?:- |  )(apiGroups|resources|resourceNames|verbs): \[(.*)\]$")


@dataclass
class Rule:
    """One rule of a role; its fields as the YAML has them."""

    reason: str
    fields: dict


def rules_of(role):
    """The rules of one YAML document. ValueError for what is not understood, and for a rule without a reason."""
    rules, comment = [], []
    for line in role[role.index("\nrules:\n") + len("\nrules:\n"):].rstrip().split("\n"):
        if line.startswith("# "):
            comment.append(line[2:])
            continue
        field = _FIELD.match(line)
        if not field:
            raise ValueError(f"not understood: {line}")
        if line.startswith("- "):
            if not comment:
                raise ValueError(f"no reason above: {line}")
            rules.append(Rule(" ".join(comment), {}))
            comment = []
        rules[-1].fields[field[1]] = [item.strip().strip('"') for item in field[2].split(",")]
    return rules


def role_in(text, kind, name):
    """The document of that kind and name."""
    for document in re.split(r"^---$", text, flags=re.MULTILINE):
        if re.search(rf"^kind: {kind}$", document, re.MULTILINE) and re.search(rf"^  name: {name}$", document, re.MULTILINE):
            return document
    raise ValueError(f"no {kind} {name}")


def _cell(rule, field):
    return ", ".join(f"`{item}`" if item else "core" for item in rule.fields.get(field, [])) or "–"


def table(rules):
    """The rules as a Markdown table."""
    lines = ["| API group | resources | names | verbs | why |", "|---|---|---|---|---|"]
    lines += [f"| {_cell(rule, 'apiGroups')} | {_cell(rule, 'resources')} | {_cell(rule, 'resourceNames')} "
              f"| {_cell(rule, 'verbs')} | {rule.reason} |" for rule in rules]
    return "\n".join(lines) + "\n"


def page(text, read):
    """The page with all its tables as they are to be; `read` gives the text of a file."""
    return _PLACE.sub(lambda at: at[1] + table(rules_of(role_in(read(at[2]), at[3], at[4]))) + at[5], text)


def main(arguments):
    now = PAGE.read_text(encoding="utf-8")
    wanted = page(now, lambda name: (ROOT / name).read_text(encoding="utf-8"))
    if "--check" not in arguments:
        PAGE.write_text(wanted, encoding="utf-8")
    elif now != wanted:
        print(f"{PAGE.relative_to(ROOT)} is not up to date: run tools/rbacdoc/rbacdoc.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
