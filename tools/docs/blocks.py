#!/usr/bin/env python3
"""The shell commands of a page, as one script: blocks.py PAGE prints it.

Every block ```sh is part of it, in order, unless the paragraph right before it is `*Not run in CI: reason.*`: what a
reader sees is what counts. A pipe succeeds where its last command does, as in a reader's shell. Each block says on
stderr where it begins, so that a failure has a place.
"""

import re
import sys
from pathlib import Path

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_NOT_RUN = re.compile(r"\*Not run in CI: (.+)\*$", re.DOTALL)


def _paragraph_before(text):
    return text.rstrip().split("\n\n")[-1].strip()


def _without_indent(code, indent):
    return "".join(line.removeprefix(indent) for line in code.splitlines(keepends=True))


def script(name, text):
    """The script, and how many blocks are in it and left out of it."""
    parts, run, left = ["set -eu\n"], 0, 0
    for fence in _FENCE.finditer(text):
        if fence[2] != "sh":
            continue
        line = text.count("\n", 0, fence.start()) + 1
        if reason := _NOT_RUN.search(_paragraph_before(text[:fence.start()])):
            left += 1
            parts.append(f"echo $'\\n-- {name}:{line} not run: {_quoted(reason[1])}' >&2\n")
        else:
            run += 1
            parts.append(f"echo $'\\n== {name}:{line}' >&2\n{_without_indent(fence[3], fence[1])}")
    parts.append(f"echo $'\\nok  {name}: {run} blocks run, {left} not' >&2\n")
    return "".join(parts), run


def _quoted(reason):
    return " ".join(reason.split()).replace("'", "’")


def main(page):
    text, run = script(page, Path(page).read_text(encoding="utf-8"))
    if run == 0:
        sys.exit(f"{page}: no block of it is run")
    print(text, end="")


if __name__ == "__main__":
    main(sys.argv[1])
