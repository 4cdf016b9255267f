"""What the bill of materials is read from, and that it is the same for the same input."""

import sys
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import debian  # noqa: E402
import inputs  # noqa: E402
import spdx  # noqa: E402

_MAP = """\
             VMA              LMA     Size Align Out     In      Symbol
             2e0              2e0       1c     1 .interp
             2e0              2e0       1c     1         <internal>:(.interp)
             2fc              2fc       20     4         /usr/lib/gcc/x86_64-linux-gnu/12/../../../x86_64-linux-gnu/Scrt1.o:(.note.ABI-tag)
          244030           244030       2b     1         /usr/lib/x86_64-linux-gnu/libssl.a(s3_lib.o):(.text.ssl3_new)
          244060           244060       2b     1         libcapp_net.a(pool.cc.o):(.text)
          244060           244060        0     1                 net::Pool::/not/a/file()
"""

_DEPS = """\
CMakeFiles/capp_net.dir/src/net/pool.cc.o: #deps 2, deps mtime 1 (VALID)
    ../../src/net/pool.cc
    /usr/include/zlib.h

CMakeFiles/bench_micro.dir/bench/micro.cc.o: #deps 1, deps mtime 1 (VALID)
    /usr/include/benchmark/benchmark.h
"""

_COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: debian/*
License: GPL-2+

Files: *
Copyright: somebody
License: Expat
"""


def _package(name, version="1:1.2+dfsg-3"):
    return debian.Package(name, version, "amd64", "source-of-" + name, version)


class Inputs(unittest.TestCase):
    def test_the_map_names_archives_and_objects_that_are_not_ours(self):
        self.assertEqual(inputs.linked(_MAP), {
            "/usr/lib/gcc/x86_64-linux-gnu/12/../../../x86_64-linux-gnu/Scrt1.o", "/usr/lib/x86_64-linux-gnu/libssl.a"})

    def test_only_headers_of_the_programs_own_objects_count(self):
        objects = {"CMakeFiles/capp_net.dir/src/net/pool.cc.o"}
        self.assertEqual(inputs._headers(_DEPS, objects), {"/usr/include/zlib.h"})


class Debian(unittest.TestCase):
    def test_the_licence_is_that_of_all_files(self):
        self.assertEqual(debian.spdx_licence(_COPYRIGHT), "MIT")

    def test_a_licence_without_an_spdx_name_is_none(self):
        self.assertIsNone(debian.spdx_licence(_COPYRIGHT.replace("Expat", "Expat with embedded exception")))
        self.assertIsNone(debian.spdx_licence("This package was put together by somebody."))

    def test_a_package_url_escapes_what_the_grammar_takes_for_itself(self):
        self.assertEqual(_package("zlib1g-dev").purl,
                         "pkg:deb/debian/zlib1g-dev@1%3A1.2%2Bdfsg-3?arch=amd64&distro=debian-12"
                         "&upstream=source-of-zlib1g-dev%401%3A1.2%2Bdfsg-3")

    def test_a_file_of_no_package_is_named(self):
        with mock.patch.object(debian, "_search", return_value={}):
            with self.assertRaisesRegex(LookupError, "/opt/libmystery.a"):
                debian.owners({"/opt/libmystery.a"})


class Document(unittest.TestCase):
    def _document(self, names):
        program = {"name": "capp-operator", "version": "1.0", "sha256": "0" * 64}
        with mock.patch.object(debian.Package, "licence", "MIT"):
            return spdx.document(program, {"STATIC_LINK": {_package(name) for name in names},
                                           "BUILD_TOOL_OF": {_package("compiler")}}, 1_700_000_000)

    def test_the_same_input_gives_the_same_document(self):
        self.assertEqual(self._document("ab"), self._document("ba"))

    def test_another_input_gives_another_name_space(self):
        self.assertNotEqual(self._document("a")["documentNamespace"], self._document("b")["documentNamespace"])

    def test_a_relation_that_ends_in_of_goes_the_other_way(self):
        relations = {(entry["spdxElementId"], entry["relationshipType"], entry["relatedSpdxElement"])
                     for entry in self._document("a")["relationships"]}
        self.assertEqual(relations, {
            (spdx.DOCUMENT, "DESCRIBES", spdx.PROGRAM), (spdx.PROGRAM, "STATIC_LINK", "SPDXRef-Package-a"),
            ("SPDXRef-Package-compiler", "BUILD_TOOL_OF", spdx.PROGRAM)})


if __name__ == "__main__":
    unittest.main()
