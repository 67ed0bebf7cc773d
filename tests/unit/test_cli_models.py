"""``posture models``: what it prints, in which language, and with which exit code."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from rich.console import Console

from posture.adapters.model_store import MIRROR_VARIABLE, FetchProgress, FetchStep
from posture.cli_analyze import analyze
from posture.cli_models import FetchDisplay, ensure_model, models
from posture.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of models of a user who has none, on a computer that reaches nothing."""
    monkeypatch.setenv("POSTURE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv(MIRROR_VARIABLE, raising=False)
    for variable in ("http_proxy", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    return tmp_path / "models"


def test_the_list_names_all_models_in_both_languages(folder: Path) -> None:
    dutch = CliRunner().invoke(models, ["list", "--lang", "nl"]).output
    assert [line.split()[0] for line in dutch.splitlines()] == ["lite", "full", "heavy"]
    assert dutch.count("nog niet opgehaald") == 3
    english = CliRunner().invoke(models, ["list", "--lang", "en"]).output
    assert english.count("not fetched yet") == 3
    assert not folder.exists(), "looking makes nothing"


def test_a_fetch_without_network_says_what_was_tried(folder: Path) -> None:
    outcome = CliRunner().invoke(models, ["fetch", "--lang", "en"])
    assert isinstance(outcome.exception, ModelError)
    assert "'full' could not be fetched" in str(outcome.exception)
    assert "cannot be reached" in outcome.output
    assert "pip could not fetch" in outcome.output
    assert not list(folder.glob("*.task"))


def test_verify_is_content_with_what_is_not_there_unless_it_is_named(folder: Path) -> None:
    assert CliRunner().invoke(models, ["verify"]).exit_code == 0
    named = CliRunner().invoke(models, ["verify", "heavy"])
    assert "posture models fetch heavy" in str(named.exception)
    folder.mkdir(parents=True)
    (folder / "pose_landmarker_lite.task").write_bytes(b"half")
    damaged = CliRunner().invoke(models, ["verify"])
    assert "posture models fetch lite" in str(damaged.exception)


def test_an_unknown_model_is_wrong_usage(folder: Path) -> None:
    outcome = CliRunner().invoke(models, ["fetch", "huge"])
    assert outcome.exit_code == 2
    assert not folder.exists()


def test_a_damaged_model_is_not_used(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "pose_landmarker_full.task").write_bytes(b"half")
    with pytest.raises(ModelError, match="is damaged; run: posture models fetch full"):
        ensure_model("full", "en")


def test_analyze_asks_for_a_missing_model_before_it_begins(folder: Path) -> None:
    """Here nothing can be reached, so the attempt itself is what shows."""
    ran = CliRunner().invoke(analyze, ["film.mp4", "--model", "heavy"])
    assert isinstance(ran.exception, ModelError)
    assert "'heavy' could not be fetched" in str(ran.exception)
    assert not list(folder.glob("*.task"))


@pytest.mark.parametrize("terminal", [True, False])
def test_the_display_says_every_step_once(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=terminal, width=100)
    with FetchDisplay("nl", console) as display:
        for done in (0, 1_000_000, 2_000_000):
            display(FetchProgress(FetchStep.OFFICIAL, "heavy", "address", done, 2_000_000))
        display(FetchProgress(FetchStep.FAILED, "heavy", "de [server] zwijgt"))
        display(FetchProgress(FetchStep.DONE, "heavy", "path"))
    shown = screen.getvalue()
    assert shown.count("gevraagd bij de opslag van de maker") == 1
    assert shown.count("Dat lukte niet: de [server] zwijgt") == 1
    assert ("2.0 / 2.0 MB" in shown) is terminal
