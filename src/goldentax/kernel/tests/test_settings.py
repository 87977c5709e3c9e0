"""Settings: three places, the last one wins, and every value knows where it came from."""

from pathlib import Path

import pytest

from goldentax.kernel import settings as module
from goldentax.kernel.settings import BadSetting, UnknownSetting, UnreadableSettings, read_settings


def test_a_default_says_that_it_is_one(tmp_path: Path):
    found = read_settings(environment={"GOLDENTAX_HOME": str(tmp_path)})
    assert (found.port, found.origin("port")) == (8000, "default")
    assert (found.home, found.origin("home")) == (tmp_path, "GOLDENTAX_HOME")


def test_the_file_beats_the_default_and_the_environment_beats_the_file(tmp_path: Path):
    file = tmp_path / "goldentax.toml"
    file.write_text('port = 9000\nnodes = ["45"]\ndemo = false\n')
    found = read_settings(environment={"GOLDENTAX_HOME": str(tmp_path), "GOLDENTAX_PORT": "9100"})
    assert (found.port, found.origin("port")) == (9100, "GOLDENTAX_PORT")
    assert (found.nodes, found.origin("nodes")) == (("45",), str(file))
    assert found.demo is False


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "web"),
        ("PORT", "80"),
        ("PORT", "70000"),
        ("DEMO", "perhaps"),
        ("NODE", "guangxi"),
        ("NODES", "45,x"),
        ("NODES", " , "),
        ("LANGUAGE", "fr"),
        ("LOG_LEVEL", "loud"),
        ("WEB_WORKERS", "0"),
        ("HOME", " "),
    ],
)
def test_a_bad_value_is_refused_with_its_name_and_its_place(tmp_path: Path, name: str, value: str):
    environment = {"GOLDENTAX_HOME": str(tmp_path), f"GOLDENTAX_{name}": value}
    with pytest.raises(BadSetting) as refused:
        read_settings(environment=environment)
    assert refused.value.code == "KRN-SET-01"
    assert refused.value.field == name.lower()
    assert f"GOLDENTAX_{name}" in refused.value.message("en")
    assert f"GOLDENTAX_{name}" in refused.value.way_out_text("zh")


def test_a_number_in_the_file_must_not_be_a_word_for_yes(tmp_path: Path):
    (tmp_path / "goldentax.toml").write_text("port = true\n")
    with pytest.raises(BadSetting):
        read_settings(environment={"GOLDENTAX_HOME": str(tmp_path)})


def test_a_broken_file_and_an_unknown_name_are_refused(tmp_path: Path):
    file = tmp_path / "goldentax.toml"
    file.write_text("port = \n")
    with pytest.raises(UnreadableSettings):
        read_settings(environment={"GOLDENTAX_HOME": str(tmp_path)})
    file.write_text("prot = 8000\n")
    with pytest.raises(UnknownSetting) as refused:
        read_settings(environment={"GOLDENTAX_HOME": str(tmp_path)})
    assert "prot" in refused.value.message("en") and "port" in refused.value.way_out_text("en")


def test_the_home_cannot_be_moved_by_the_file_in_it(tmp_path: Path):
    (tmp_path / "goldentax.toml").write_text('home = "/elsewhere"\n')
    with pytest.raises(UnknownSetting):
        read_settings(environment={"GOLDENTAX_HOME": str(tmp_path)})


def test_a_secret_is_never_shown_not_even_when_it_is_wrong(tmp_path: Path):
    environment = {"GOLDENTAX_HOME": str(tmp_path), "GOLDENTAX_DATABASE_URL": "postgresql://a:hush@b/c"}
    found = read_settings(environment=environment)
    assert "hush" in found.database_url
    assert "hush" not in found.shown("database_url")
    assert found.shown("messages_url") == ""


@pytest.mark.parametrize("name", module.setting_names())
def test_every_setting_is_explained_in_two_languages_and_can_be_shown(tmp_path: Path, name: str):
    text = module.help_text(name)
    assert text.zh and text.en
    assert isinstance(read_settings(environment={"GOLDENTAX_HOME": str(tmp_path)}).shown(name), str)


def test_the_home_of_a_user_lies_in_their_data_folder(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert module.default_home(environment={"XDG_DATA_HOME": "/data"}) == Path("/data/goldentax")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert module.default_home(environment={}) == Path("/var/lib/goldentax")


def test_only_a_demo_world_may_run_ahead_of_the_clock(tmp_path: Path) -> None:
    ahead = {"GOLDENTAX_HOME": str(tmp_path), "GOLDENTAX_CLOCK_AHEAD_DAYS": "8"}
    assert read_settings(environment=ahead).clock_ahead_days == 8
    with pytest.raises(BadSetting) as refused:
        read_settings(environment=ahead | {"GOLDENTAX_DEMO": "false"})
    assert refused.value.field == "clock_ahead_days"
