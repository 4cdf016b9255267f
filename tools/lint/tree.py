"""The source tree as the lints see it: files, their layer, their includes, their code without comments."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

# docs/development.md, "Layers": what a layer may include directly; what those may include comes with it.
LAYERS = {
    "base": [],
    "json": ["base"],
    "object": ["json"],
    "yaml": ["json"],
    "telemetry": ["json"],
    "net": ["telemetry"],
    "kube": ["net", "yaml", "object"],
    "runtime": ["kube"],
    "capp": ["object"],
    "operator": ["runtime", "capp"],
    "apps": ["operator"],
}

_INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)
# Comments and literals, in the order in which they begin; a literal may hold what looks like a comment.
_NOT_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'',
    re.DOTALL)


def reach(layer):
    """The layer and everything below it."""
    found = {layer}
    for below in LAYERS[layer]:
        found |= reach(below)
    return found


@dataclass(frozen=True)
class Include:
    name: str
    is_ours: bool  # written with quotes
    line: int


@dataclass
class Source:
    path: Path
    name: str  # relative to the root, with forward slashes

    @cached_property
    def text(self):
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def code(self):
        """The text with comments and literals blanked, line numbers kept."""
        return _NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), self.text)

    @cached_property
    def includes(self):
        return [Include(match[2], match[1] == '"', self.text.count("\n", 0, match.start(2)) + 1)
                for match in _INCLUDE.finditer(self.text)]

    @property
    def top(self):
        """First folder: src, apps, tests, fuzz or bench."""
        return self.name.split("/")[0]

    @property
    def folder(self):
        """Second folder: the layer in src/ and, for most, in tests/."""
        parts = self.name.split("/")
        return parts[1] if len(parts) > 2 else ""

    @property
    def layer(self):
        """The layer whose rules hold here; programs and whole-system tests stand on top of all."""
        if self.top == "src" or (self.top == "tests" and self.folder in LAYERS):
            return self.folder
        return "apps"

    def find(self, pattern):
        """(line, matched text) of each match in the code."""
        return [(self.code.count("\n", 0, match.start()) + 1, match[0].strip())
                for match in re.finditer(pattern, self.code, re.MULTILINE)]


def sources(root):
    """All C++ of the project, sorted by name."""
    root = Path(root)
    return [Source(path, path.relative_to(root).as_posix())
            for top in ("src", "apps", "tests", "fuzz", "bench")
            for path in sorted((root / top).rglob("*"))
            if path.suffix in (".h", ".cc")]
