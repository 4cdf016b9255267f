"""What went into the program, as linker, compiler and loader say it: paths of files that are not of this repository."""

import re
import subprocess
from pathlib import Path

# A line of lld's map that names an input: VMA LMA Size Align FILE:(SECTION), FILE as ARCHIVE(MEMBER) or OBJECT.
_MAP_INPUT = re.compile(r"^\s*[0-9a-f]+\s+[0-9a-f]+\s+[0-9a-f]+\s+\d+\s+(/[^:(]+)(?:\([^)]*\))?:\(", re.MULTILINE)


def _output_of(*command):
    return subprocess.run(command, text=True, capture_output=True, check=True).stdout


def linked(link_map):
    """Archives and objects of which the linker kept something."""
    return set(_MAP_INPUT.findall(link_map))


def included(build, program):
    """Headers that the program's own objects were compiled with."""
    inputs = set(_output_of("ninja", "-C", build, "-t", "inputs", program).split("\n"))
    return _headers(_output_of("ninja", "-C", build, "-t", "deps"), inputs)


def _headers(deps, objects):
    """The absolute paths in `ninja -t deps` of those objects; ours are relative."""
    found = set()
    for block in deps.split("\n\n"):
        target, *paths = block.strip().split("\n")
        if target.split(": #deps")[0] in objects:
            found |= {path.strip() for path in paths if path.strip().startswith("/")}
    return found


def loaded(program):
    """Shared libraries, and the loader."""
    return set(re.findall(r"(/\S+) \(0x", _output_of("ldd", program)))


def tools(cache):
    """Compiler and linker of the build with this CMakeCache.txt."""
    compiler = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.+)$", cache, re.MULTILINE)[1]
    linker = _output_of(compiler, "-fuse-ld=lld", "-print-prog-name=ld.lld").strip()
    return {str(Path(tool).resolve()) for tool in (_output_of("which", compiler).strip(), linker)}
