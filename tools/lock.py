"""
Lock what the product stands on: ``make lock``.

Python packages are locked with hashes for every supported Python; npm packages with their integrity. Neither
lock names the host of a registry, so that each machine asks the one it is set up for.
"""

import subprocess
import sys
from pathlib import Path

from assets import npm

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("requirements", "requirements-dev", "requirements-build")
OPTIONS = [
    *("--python-version", "3.11", "--universal", "--generate-hashes"),
    *("--no-emit-index-url", "--no-header", "--no-annotate", "--upgrade", "--quiet"),
]


def main() -> None:
    """Write every lock anew."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "uv"], check=True)
    uv = str(Path(sys.executable).parent / "uv")
    for name in NAMES:
        subprocess.run(
            [uv, "pip", "compile", f"{name}.in", "-o", f"{name}.txt", *OPTIONS], cwd=ROOT, check=True
        )
    flags = [
        "--ignore-scripts",
        "--omit-lockfile-registry-resolved",
        "--package-lock-only",
        "--no-audit",
        "--no-fund",
    ]
    subprocess.run([*npm(), "install", *flags], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
