"""The wheel carries everything the program needs beside its code."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parents[1]


def test_the_wheel_holds_every_file_of_the_packages(tmp_path):
    """Migrations, templates, styles, the grammar, data files: whatever git tracks in the packages is installed."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(ROOT)], check=True, capture_output=True, text=True)
    (wheel,) = tmp_path.glob("aggregator-*.whl")
    packed = set(ZipFile(wheel).namelist())
    listed = subprocess.run(
        ["git", "ls-files", "aggregator", "storage"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    assert listed
    assert set(listed) - packed == set()
