"""Which blocks of a page are run."""

import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import blocks  # noqa: E402

_PAGE = """\
```sh
echo first
```

*Not run in CI: it isn't
there.*

```sh
echo never
```

```yaml
not: a command
```

1. In a list

   ```sh
   cat <<'TEXT'
   second
   TEXT
   ```
"""


def _run(page):
    script, _ = blocks.script("page.md", page)
    return subprocess.run(["bash", "-c", script], text=True, capture_output=True, check=False)


class Blocks(unittest.TestCase):
    def test_shell_blocks_are_run_in_order_but_those_that_say_why_not(self):
        done = _run(_PAGE)
        self.assertEqual((done.returncode, done.stdout), (0, "first\nsecond\n"))
        self.assertEqual([line for line in done.stderr.splitlines() if line], [
            "== page.md:1", "-- page.md:8 not run: it isn’t there.", "== page.md:18", "ok  page.md: 2 blocks run, 1 not"])

    def test_a_command_that_fails_ends_the_page(self):
        done = _run("```sh\nfalse\necho after\n```\n")
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stdout, "")

    def test_a_reason_counts_for_the_next_block_only(self):
        _, run = blocks.script("page.md", _PAGE)
        self.assertEqual(run, 2)


if __name__ == "__main__":
    unittest.main()
