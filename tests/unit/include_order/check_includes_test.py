"""check_includes.py finds what it should find: run by CTest with the script's path as the only argument."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = sys.argv.pop(1)


class CheckIncludes(unittest.TestCase):
    def check(self, files):
        """Exit code and output of the script on a tree of {path: text}."""
        with tempfile.TemporaryDirectory() as root:
            for path, text in files.items():
                file = Path(root, "src/smol", path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            done = subprocess.run([sys.executable, SCRIPT, root], capture_output=True, text=True, check=False)
            return done.returncode, done.stdout + done.stderr

    def assert_allowed(self, path, text):
        self.assertEqual(self.check({path: text}), (0, ""))

    def assert_refused(self, path, text, reason):
        code, output = self.check({path: text})
        self.assertEqual(code, 1, output)
        self.assertIn(f"src/smol/{path}", output)
        self.assertIn(reason, output)

    def test_allowed(self):
        self.assert_allowed("base/a.h", '#include <vector>\n#include <fmt/format.h>\n#include "smol/base/b.h"\n')
        self.assert_allowed("media/a.cpp", '#include "smol/media/a.h"\n#include "smol/base/b.h"\n')
        self.assert_allowed("infer/a.cpp", '#include "smol/preproc/graph.h"\n')
        self.assert_allowed("engine/a.cpp", '#include "smol/infer/a.h"\n#include "smol/plan/b.h"\n')
        self.assert_allowed("query/a.cpp", '#include "smol/measure/a.h"\n')
        self.assert_allowed("base/a.cpp", '// #include "smol/engine/a.h"\n')

    def test_refused(self):
        self.assert_refused("base/a.h", '#include "smol/media/b.h"\n', ":1: base may not include smol/media/b.h")
        self.assert_refused("media/a.h", "\n  #  include <smol/preproc/b.h>\n", ":2: media may not include")
        self.assert_refused("preproc/a.cpp", '#include "smol/infer/b.h"\n', "preproc may not include")
        self.assert_refused("infer/a.cpp", '#include "smol/preproc/executor.h"\n', "infer may not include")
        self.assert_refused("plan/deep/er/a.h", '#include "smol/engine/b.h"\n', "plan may not include")
        self.assert_refused("engine/a.h", '#include "smol/query/b.h"\n', "engine may not include")
        self.assert_refused("base/a.h", '#include "../engine/b.h"\n', "leaves its folder")
        self.assert_refused("engine/a.h", '#include "cli/b.h"\n', "leaves its folder")

    def test_unknown_folder(self):
        self.assert_refused("misc/a.h", "", "not in MAY_INCLUDE")

    def test_no_sources(self):
        with tempfile.TemporaryDirectory() as root:
            done = subprocess.run([sys.executable, SCRIPT, root], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main()
