"""What the running product says of itself: refusals in two languages, lasting events, fresh documents."""

import string
from pathlib import Path

import msgspec
import pytest
from tools import generate
from tools.house import rooms

from goldentax.contracts.events import event_types
from goldentax.kernel.refusals import Refusal, registered_refusals
from goldentax.kernel.text import Text

generate.load_everything()


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def complaints(refusal: type[Refusal]) -> list[str]:
    """What a refusal lacks."""
    wrong = []
    for name in ("title", "way_out"):
        text: Text = getattr(refusal, name)
        for language in ("zh", "en"):
            if not text.in_language(language).strip():
                wrong.append(
                    f"{refusal.code} {refusal.__qualname__} has no {name} in {language}; write one sentence"
                )
    if refusal.title.zh == refusal.title.en:
        wrong.append(f"{refusal.code} says the same in both languages; translate it")
    if refusal.title is Refusal.title:
        wrong.append(f"{refusal.code} has no title of its own; say what is wrong")
    if not 400 <= refusal.status < 600:
        wrong.append(f"{refusal.code} has the status {refusal.status}; choose one from 400 on")
    return wrong


@pytest.mark.parametrize("code", registered_refusals())
def test_a_refusal_says_what_is_wrong_and_the_way_out_in_both_languages(code: str) -> None:
    assert complaints(registered_refusals()[code]) == []


def test_a_refusal_in_one_language_is_named() -> None:
    class Silent(Refusal):
        title = Text("不行", "")

    Silent.code = "TST-SIL-01"
    assert any("no title in en" in one for one in complaints(Silent))
    assert any("no way_out in zh" in one for one in complaints(Silent))


def test_every_refusal_stands_in_the_catalogue(root: Path) -> None:
    page = (root / "docs" / "refusals.md").read_text(encoding="utf-8")
    missing = [code for code in registered_refusals() if f"`{code}`" not in page]
    assert not missing, f"run python tools/generate.py: docs/refusals.md lacks {', '.join(missing)}"


@pytest.mark.parametrize("name", event_types())
def test_a_golden_payload_is_still_understood_and_written_the_same(name: str, root: Path) -> None:
    golden = (root / rooms.GOLDENS / f"{name}.json").read_bytes()
    event = msgspec.json.decode(golden, type=event_types()[name])
    assert msgspec.json.decode(msgspec.json.encode(event)) == msgspec.json.decode(golden)


@pytest.mark.parametrize("name", event_types())
def test_an_event_with_an_unknown_field_is_refused(name: str, root: Path) -> None:
    golden = msgspec.json.decode((root / rooms.GOLDENS / f"{name}.json").read_bytes())
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert(golden | {"surprise": 1}, type=event_types()[name])


def test_generated_documents_are_fresh(root: Path) -> None:
    stale = generate.stale_documents(root)
    assert not stale, f"run python tools/generate.py: {', '.join(stale)} no longer say what the code says"


def test_an_edited_generated_document_is_stale(tmp_path: Path) -> None:
    for path, write in generate.DOCUMENTS.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(write(), encoding="utf-8")
    assert generate.stale_documents(tmp_path) == {}
    (tmp_path / "docs/events.md").write_text("# Events\n", encoding="utf-8")
    assert list(generate.stale_documents(tmp_path)) == ["docs/events.md"]
