"""The check of file sizes finds what is too long and nothing else."""

import subprocess
from pathlib import Path

from tests.structure.__main__ import LONGEST, too_long


def test_a_file_one_line_too_long_is_named(tmp_path: Path) -> None:
    # Given a repository with a file at the limit, one over it, and a long one that git ignores
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text("ignored.py\n")
    (tmp_path / "fits.py").write_text("x = 1\n" * LONGEST)
    (tmp_path / "long.py").write_text("x = 1\n" * (LONGEST + 1))
    (tmp_path / "ignored.py").write_text("x = 1\n" * 999)

    # When it is checked, then only the one over the limit is named
    assert too_long(tmp_path) == [
        f"long.py: {LONGEST + 1} lines; more than {LONGEST} are two capabilities, so split it."
    ]
