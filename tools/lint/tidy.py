"""clang-tidy over every translation unit, skipping those whose input has not changed since they passed.

The key of a unit is a hash of its compile command, its text, every header of ours that it reaches, .clang-tidy
and the versions of the installed packages (which stand for the headers of others).
"""

import hashlib
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tree import sources

_TIDY = "clang-tidy-19"


class _Keys:
    """Computes a unit's key; every header is read once."""

    def __init__(self, root):
        self._files = {source.name: source for source in sources(root)}
        self._root = root
        packages = (root / "tools/setup/packages").read_text().split()
        versions = subprocess.run(["dpkg-query", "-W", *packages], capture_output=True, check=False).stdout
        self._environment = versions + b"".join(path.read_bytes() for path in sorted(root.glob("**/.clang-tidy"))
                                                if "build" not in path.parts)

    def of(self, unit):
        digest = hashlib.sha256(self._environment)
        # Another clone of the same sources finds what this one checked.
        digest.update(unit["command"].replace(str(self._root), "").encode())
        for name, text in sorted(self._closure(Path(unit["file"]).relative_to(self._root).as_posix()).items()):
            digest.update(f"{name}\0{text}\0".encode())
        return digest.hexdigest()

    def _closure(self, name):
        found, waiting = {}, [name]
        while waiting:
            source = self._files.get(waiting.pop())
            if source is None or source.name in found:
                continue
            found[source.name] = source.text
            waiting += [candidate for include in source.includes if include.is_ours
                        for candidate in (f"src/{include.name}", include.name)]
        return found


def _check(root, build, unit):
    """The complaints of clang-tidy about one unit, empty when it passes."""
    done = subprocess.run([_TIDY, "--quiet", "-p", build, unit["file"]], cwd=root, text=True,
                          capture_output=True, check=False)
    if done.returncode == 0:
        return ""
    return done.stdout or done.stderr


def run(root, build, progress):
    """(number of units, complaints). Needs build/compile_commands.json; calls progress(text) now and then."""
    root, build = Path(root), Path(build)
    cache = Path(os.environ.get("CAPP_CACHE", Path.home() / ".cache/capp-operator")) / "tidy"
    cache.mkdir(parents=True, exist_ok=True)
    units = json.loads((build / "compile_commands.json").read_text())
    keys = _Keys(root)
    waiting = [(unit, passed) for unit in units if not (passed := cache / keys.of(unit)).exists()]
    complaints = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, ((_, passed), text) in enumerate(
                zip(waiting, pool.map(lambda item: _check(root, build, item[0]), waiting)), start=1):
            if text:
                complaints.append(text.rstrip())
            else:
                passed.touch()
            progress(f"clang-tidy {number}/{len(waiting)}")
    return len(units), complaints
