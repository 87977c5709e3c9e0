"""The state of the static files, in a word: part of their address, so that browsers may keep them for ever."""

import hashlib
from pathlib import Path


def state_of_files(*roots: Path) -> str:
    """Ten hex digits over name, size and time of every file in a ``static`` folder below the roots."""
    digest = hashlib.sha256()
    for root in roots:
        files = root.rglob("*") if root.name == "static" else root.glob("goldentax/**/static/**/*")
        for file in sorted(files):
            if file.is_file():
                about = file.stat()
                digest.update(f"{file.relative_to(root)} {about.st_size} {about.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:10]
