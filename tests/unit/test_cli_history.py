from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from posture.cli_commands import main
from posture.store import open_store
from posture.store.database import sqlite_url
from posture.store.store import DATABASE
from tests.unit.store.seen import full_analysis


def posture(*words):
    return CliRunner().invoke(main, ["history", *map(str, words)])


@pytest.fixture
def filled(tmp_path, monkeypatch):
    """The user's own data folder, with two sessions."""
    monkeypatch.setenv("POSTURE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LC_ALL", "C")
    with open_store() as store:
        when = datetime(2026, 3, 2, 12, tzinfo=UTC)
        store.add(full_analysis(), started_at=when, tags=["les"], notes="rustig")
        store.add(full_analysis(exercise="bridge"), started_at=when)
        return store.ids()


@pytest.mark.usefixtures("filled")
def test_sessions_are_listed_and_searched():
    both = posture("list")
    assert both.exit_code == 0
    assert "Pelvic tilt  2 repetitions, 1 good  video.mp4  #les" in both.output
    assert "Shown: 2 of 2." in both.output
    one = posture("list", "rustig", "kantelen", "--lang", "nl")
    assert one.output.count("2026-03-02") == 1
    assert "Getoond: 1 van 1." in one.output


def test_a_backup_goes_out_and_comes_back(filled, tmp_path):
    told = posture("backup", tmp_path / "all.zip")
    assert "2 sessions" in told.output
    with open_store() as store:
        store.delete(filled[0])
    back = posture("restore", tmp_path / "all.zip")
    assert "New here: 1. Here already and left as they are: 1." in back.output
    with open_store() as store:
        assert store.ids() == filled


@pytest.mark.usefixtures("filled")
def test_a_backup_is_never_overwritten_and_damage_is_one_sentence(tmp_path):
    file = tmp_path / "all.zip"
    file.write_bytes(b"something else")
    refused = posture("backup", file)
    assert refused.exit_code == 2
    assert file.read_bytes() == b"something else"
    damaged = posture("restore", file)
    assert damaged.exit_code == 3
    assert damaged.output.startswith("posture: all.zip is damaged")
    assert damaged.output.count("\n") == 1


def test_another_database_can_be_named(filled, tmp_path):
    del filled
    url = sqlite_url(tmp_path / "data" / "history" / DATABASE)
    assert "Shown: 2 of 2." in posture("list", "--url", url).output
    assert posture("list", "--url", "nonsense").exit_code == 2


@pytest.mark.parametrize("settings", [("C", "--lang", "nl"), ("nl_NL.UTF-8",)])
def test_what_goes_wrong_is_said_in_the_language_of_the_command(settings, tmp_path, monkeypatch):
    computer, *words = settings
    monkeypatch.setenv("LC_ALL", computer)
    archive = tmp_path / "none.zip"
    run = posture("restore", archive, "--url", sqlite_url(tmp_path / DATABASE), *words)
    assert run.exit_code == 3
    assert run.output == f"posture: Er is geen bestand {archive}.\n"
