"""Debian packages: which one a file is of, and what is known of it."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

_FIELDS = "${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\n"

# Debian's short names of licences whose SPDX identifier is another one; the other way round, what is not here
# is quoted whole. https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/#license-short-name
_SPDX = {
    "APACHE-2-LLVM-EXCEPTIONS": "Apache-2.0 WITH LLVM-exception",
    "Apache-2.0": "Apache-2.0",
    "BSD-3-clause": "BSD-3-Clause",
    "BSL-1.0": "BSL-1.0",
    "Expat": "MIT",
    "GPL-2": "GPL-2.0-only",
    "MPL-2.0": "MPL-2.0",
    "X11": "X11",
    "Zlib": "Zlib",
}


@dataclass(frozen=True, order=True)
class Package:
    name: str
    version: str
    architecture: str
    source: str
    source_version: str

    @property
    def copyright_file(self):
        return Path("/usr/share/doc") / self.name / "copyright"

    @property
    def purl(self):
        """Package URL, by which scanners find it."""
        upstream = quote(f"{self.source}@{self.source_version}", safe="")
        return (f"pkg:deb/debian/{quote(self.name, safe='')}@{quote(self.version, safe='')}"
                f"?arch={self.architecture}&distro=debian-12&upstream={upstream}")

    @property
    def licence(self):
        """SPDX identifier of what `Files: *` is under; None where the copyright file says it in prose, or in other words."""
        return spdx_licence(self.copyright_file.read_text(encoding="utf-8"))


def spdx_licence(copyright_text):
    for paragraph in re.split(r"\n\s*\n", copyright_text):
        fields = dict(re.findall(r"^([A-Za-z-]+):[ \t]*\n?[ \t]*(.*)$", paragraph, re.MULTILINE))
        if fields.get("Files", "").split()[:1] == ["*"]:
            return _SPDX.get(fields.get("License", "").strip())
    return None


def _spellings(path):
    """A file's path as a package may list it: without links, and before /usr was merged."""
    for spelling in (os.path.normpath(path), os.path.realpath(path)):
        yield spelling
        yield spelling.removeprefix("/usr") if spelling.startswith("/usr/lib") else "/usr" + spelling


def _search(paths):
    """path → package, of those that a package has."""
    listed = subprocess.run(["dpkg-query", "--search", *paths], text=True, capture_output=True, check=False).stdout
    return {path: owner.split(",")[0].split(":")[0]
            for owner, _, path in (line.partition(": ") for line in listed.splitlines())
            if not owner.startswith("diversion ")}


def owners(paths):
    """The packages that these files are of; LookupError names a file that is of none."""
    owner = _search(sorted({spelling for path in paths for spelling in _spellings(path)}))
    found = set()
    for path in paths:
        names = [owner[spelling] for spelling in _spellings(path) if spelling in owner]
        if not names:
            raise LookupError(f"{path} went into the program, and no package has it")
        found.add(names[0])
    return _describe(sorted(found))


def _describe(names):
    listed = subprocess.run(["dpkg-query", "--show", "--showformat", _FIELDS, *names],
                            text=True, capture_output=True, check=True).stdout
    return {Package(*line.split("\t")) for line in listed.splitlines()}
