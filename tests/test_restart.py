"""Restart ends this program whole, and starts it anew as it was started."""

import os
import subprocess
import sys
from pathlib import Path


def test_a_program_that_is_restarted_comes_again_on_the_same_data_folder(home: Path, tmp_path: Path) -> None:
    said, mark = tmp_path / "said", tmp_path / "mark"
    os.mkfifo(said)
    program = Path(__file__).parent / "processes" / "restart.py"
    first = subprocess.run([sys.executable, program, said, mark], check=False, timeout=60)
    assert first.returncode == 0
    assert said.read_text("utf-8") == "here again"  # waits for it
    assert (home / "shopdesk.db").exists()
