"""
Write the documents that repeat the code: ``python tools/generate.py``; ``--check`` only says which are stale.

What they hold comes from the running product, so they cannot disagree with it: every refusal, every event,
every setting.
"""

import atexit
import os
import shutil
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOTICE = (
    "<!-- Written by tools/generate.py from the code; edit the code and run `python tools/generate.py`. -->\n"
)


def main() -> int:
    """Write or check every generated document; 1 if one was stale and only checked."""
    _set_up()
    only_check = "--check" in sys.argv[1:]
    stale = stale_documents(ROOT)
    for path, text in stale.items():
        print(f"{path} is stale" if only_check else f"{path} written")
        if not only_check:
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(text, encoding="utf-8")
    return 1 if stale and only_check else 0


def stale_documents(root: Path) -> dict[str, str]:
    """The documents of a tree that differ from what the code says, with the text they should have."""
    found = {}
    for path, write in DOCUMENTS.items():
        text = write()
        place = root / path
        if not place.is_file() or place.read_text(encoding="utf-8") != text:
            found[path] = text
    return found


def refusals() -> str:
    """Every refusal: code, status, both languages."""
    from goldentax.kernel.refusals import registered_refusals

    found = registered_refusals()
    lines = [
        "# Refusals\n",
        NOTICE,
        _paragraph(
            f"""How the product says no: {len(found)} refusals, each with a code that is never used again.
            Over HTTP a refusal is problem details (RFC 9457) under `urn:goldentax:refusal:<code>`; on a
            page it stands beside the field; the command line prints code, field and way out. Words in
            braces are filled in with the facts of the case."""
        ),
    ]
    areas = sorted({code.split("-")[0] for code in found})
    for area in areas:
        lines += [
            f"## {area} · {_AREAS.get(area, area)}\n",
            "| code | status | 中文 | English |",
            "|---|---|---|---|",
        ]
        for code, refusal in found.items():
            if code.split("-")[0] == area:
                zh = f"{refusal.title.zh}<br>→ {refusal.way_out.zh}"
                en = f"{refusal.title.en}<br>→ {refusal.way_out.en}"
                lines.append(f"| `{code}` | {refusal.status} | {_cell(zh)} | {_cell(en)} |")
        lines.append("")
    return "\n".join(lines)


_AREAS = {
    "COD": "code tables 代码表",
    "IDN": "identity 身份",
    "INV": "invoicing 开票、交付、查验",
    "KRN": "kernel 基础",
    "LAW": "lawbook 法规数据",
    "NOD": "node 节点与接口",
    "REG": "registry 登记",
    "RUN": "starting, stopping and running 启动与运行",
}


def events() -> str:
    """Every event: wire name, meaning, fields."""
    import msgspec

    from goldentax.contracts.events import event_types

    lines = [
        "# Events\n",
        NOTICE,
        _paragraph(
            """What modules tell each other. An event is written to the outbox in the transaction that did
            the thing, and sent as CloudEvents 1.0 JSON to the node's JetStream at least once; its `id`
            lets a listener drop a repeat. Order holds per key, not across keys. Unknown fields are
            refused: another meaning is another version."""
        ),
    ]
    for name, event in event_types().items():
        lines += [f"## {name}\n", f"{_first_sentence(event.__doc__)}\n", "| field | type |", "|---|---|"]
        lines += [
            f"| `{one.name}` | {_cell(_type_name(one.type))} |" for one in msgspec.structs.fields(event)
        ]
        lines += ["", f"Golden payload: `src/goldentax/contracts/tests/goldens/{name}.json`\n"]
    return "\n".join(lines)


def settings() -> str:
    """Every setting: name, default, meaning."""
    from dataclasses import fields

    from goldentax.kernel.settings import Settings, environment_name, help_text, setting_names

    defaults = {one.name: one.default for one in fields(Settings)}
    lines = [
        "# Settings\n",
        NOTICE,
        _paragraph(
            """Each value comes from the last of three places that has it: the default, `goldentax.toml` in
            the home folder, the environment. `goldentax settings` prints every value and where it came
            from."""
        ),
        "| setting | environment | default | 中文 | English |",
        "|---|---|---|---|---|",
    ]
    for name in setting_names():
        text = help_text(name)
        lines.append(
            f"| `{name}` | `{environment_name(name)}` | {_default(name, defaults[name])} | {_cell(text.zh)} "
            f"| {_cell(text.en)} |"
        )
    return "\n".join(lines) + "\n"


DOCUMENTS: dict[str, Callable[[], str]] = {
    "docs/refusals.md": refusals,
    "docs/events.md": events,
    "docs/settings.md": settings,
}

_DEFAULT_PLACES = {"home": "the user's data folder", "assets": "`.assets`", "lawbook": "`lawbook`"}


def _default(name: str, value: object) -> str:
    if name in _DEFAULT_PLACES:
        return _DEFAULT_PLACES[name]
    shown = (
        ",".join(value)
        if isinstance(value, tuple)
        else str(value).lower()
        if isinstance(value, bool)
        else value
    )
    return f"`{shown}`" if shown != "" else "—"


def _type_name(found: object) -> str:
    name = getattr(found, "__name__", None)
    return str(found) if name is None or "|" in str(found) else str(name)


def _first_sentence(text: str | None) -> str:
    return " ".join((text or "").split())


def _paragraph(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), width=110) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<code>", "`<code>`")


def _set_up() -> None:
    # The settings make secrets in the home; these documents need none of a real world's.
    home = tempfile.mkdtemp(prefix="goldentax-generate-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ["GOLDENTAX_HOME"] = home
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goldentax.node.settings")
    import django

    django.setup()
    load_everything()


def load_everything() -> None:
    """Import every file of the product, so that each refusal and event is known, used at start or not."""
    import importlib

    import goldentax

    for name in _module_names(Path(goldentax.__file__).parent):
        importlib.import_module(name)


def _module_names(package: Path) -> Iterator[str]:
    for path in sorted(package.rglob("*.py")):
        steps = path.relative_to(package.parent).with_suffix("").parts
        if "tests" not in steps and "migrations" not in steps and steps[-1] not in ("__main__",):
            yield ".".join(steps[:-1] if steps[-1] == "__init__" else steps)


if __name__ == "__main__":
    sys.exit(main())
