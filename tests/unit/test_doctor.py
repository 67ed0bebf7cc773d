"""The examination: what it finds in good and bad worlds, and that it always says how to mend."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from posture import doctor
from posture.adapters.model_store import ModelStore
from posture.cli_doctor import doctor as command
from posture.cli_language import system_language
from posture.doctor import Finding, Level
from posture.locales import LANGUAGES, table

if TYPE_CHECKING:
    from collections.abc import Iterable


def told(findings: Iterable[Finding]) -> list[tuple[Level, str]]:
    """What was found; every finding has a sentence, every bad one a remedy, in each language."""
    listed = list(findings)
    for finding in listed:
        for lang in LANGUAGES:
            assert finding.sentence(lang)
            assert finding.level is Level.OK or finding.remedy(lang)
    return [(finding.level, finding.key) for finding in listed]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ((3, 10, 9), (Level.PROBLEM, "python.old")),
        ((3, 11, 0), (Level.OK, "python.ok")),
        ((3, 14, 2), (Level.OK, "python.ok")),
        ((3, 15, 0), (Level.WARNING, "python.new")),
    ],
)
def test_the_python_version(version: tuple[int, int, int], expected: tuple[Level, str]) -> None:
    assert told(doctor.check_python(version)) == [expected]


@pytest.mark.parametrize(
    ("system", "machine", "level"),
    [
        ("Linux", "x86_64", Level.OK),
        ("Darwin", "arm64", Level.OK),
        ("Windows", "AMD64", Level.OK),
        ("Darwin", "x86_64", Level.PROBLEM),
        ("Linux", "aarch64", Level.PROBLEM),
        ("FreeBSD", "amd64", Level.PROBLEM),
    ],
)
def test_the_kind_of_computer(system: str, machine: str, level: Level) -> None:
    ((found, _),) = told(doctor.check_platform(system, machine))
    assert found is level


def test_missing_wrong_and_rival_packages() -> None:
    have = {"numpy": "2.4", "mediapipe": "1.2.2", "opencv-python-headless": "4.13"}
    assert told(doctor.check_distributions(have.get)) == [
        (Level.PROBLEM, "packages.missing"),
        (Level.WARNING, "packages.version"),
        (Level.WARNING, "packages.rival"),
    ]


def test_a_library_that_lacks_a_system_library_names_the_line_to_type() -> None:
    error = "ImportError: libGL.so.1: cannot open shared object file: No such file or directory"
    (finding,) = doctor.check_libraries(lambda _: error, "Linux", {"opencv": ""})
    assert finding.level is Level.PROBLEM
    assert "libGL.so.1" in finding.sentence("en")
    assert "sudo apt-get install" in str(finding.remedy("en"))
    assert told(doctor.check_libraries(lambda _: error, "Darwin", {"opencv": ""})) == [
        (Level.PROBLEM, "library.broken")
    ]


def test_a_library_that_crashes_is_a_finding_and_not_the_end() -> None:
    trials = {"bad": "import os; os.abort()", "none": "import nosuchmodule", "good": "import json"}
    findings = list(doctor.check_libraries(doctor._trial_error, "Linux", trials))
    assert told(findings) == [
        (Level.PROBLEM, "library.broken"),
        (Level.PROBLEM, "library.broken"),
        (Level.OK, "library.ok"),
    ]
    assert "No module named 'nosuchmodule'" in findings[1].sentence("en")


def test_the_real_libraries_work_here() -> None:
    findings = doctor.check_libraries(doctor._trial_error, "Linux")
    assert {level for level, _ in told(findings)} == {Level.OK}


def test_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTURE_DATA_DIR", str(tmp_path / "new"))
    assert told(doctor.check_data_folder())[0] == (Level.OK, "data.ok")
    assert list((tmp_path / "new").iterdir()) == []
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("POSTURE_DATA_DIR", str(tmp_path / "file" / "folder"))
    assert told(doctor.check_data_folder()) == [(Level.PROBLEM, "data.locked")]


@pytest.mark.parametrize(
    ("free_bytes", "expected"),
    [
        (50_000_000, (Level.PROBLEM, "disk.full")),
        (500_000_000, (Level.WARNING, "disk.little")),
        (50_000_000_000, (Level.OK, "disk.ok")),
    ],
)
def test_the_room_on_the_disk(tmp_path: Path, free_bytes: int, expected: tuple[Level, str]) -> None:
    assert told(doctor.check_disk(tmp_path, free_bytes)) == [expected]


def test_missing_and_damaged_models(tmp_path: Path) -> None:
    (tmp_path / "pose_landmarker_heavy.task").write_bytes(b"half a model")
    store = ModelStore(tmp_path)
    assert told(doctor.check_models(lambda *_: None, store)) == [
        (Level.OK, "model.optional"),
        (Level.PROBLEM, "model.missing"),
        (Level.PROBLEM, "model.damaged"),
    ]


@pytest.mark.model
def test_a_whole_model_is_run_and_its_failure_told() -> None:
    assert told(doctor.check_models(doctor._trial_error))[-1] == (Level.OK, "model.runs")
    assert told(doctor.check_models(lambda *_: "it crashed"))[-1] == (Level.PROBLEM, "model.fails")


def test_the_shipped_files_are_there() -> None:
    assert told(doctor.check_shipped_files()) == [(Level.OK, "files.ok")]


def test_a_taken_port() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert told(doctor.check_port(port)) == [(Level.WARNING, "port.taken")]
    assert told(doctor.check_port(port)) == [(Level.OK, "port.ok")]


def test_cameras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = (Level.OK, "camera.browser")
    assert told(doctor.check_camera("Linux", tmp_path)) == [
        (Level.WARNING, "camera.none"),
        browser,
    ]
    (tmp_path / "video0").touch()
    assert told(doctor.check_camera("Linux", tmp_path)) == [(Level.OK, "camera.found"), browser]
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert told(doctor.check_camera("Linux", tmp_path)) == [
        (Level.WARNING, "camera.locked"),
        browser,
    ]
    assert told(doctor.check_camera("Darwin", tmp_path)) == [(Level.OK, "camera.darwin"), browser]
    assert told(doctor.check_camera("Windows", tmp_path)) == [
        (Level.OK, "camera.windows"),
        browser,
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_is_left_over(lang: str) -> None:
    source = Path(doctor.__file__).read_text(encoding="utf-8")
    groups = ("level", "summary", "camera")
    for key in table(lang):
        topic, _, rest = key.partition(".")
        if topic == "doctor" and rest.partition(".")[0] not in groups:
            assert f'"{rest.removesuffix("_mend")}"' in source, rest


# --- the command -------------------------------------------------------------------------------


@pytest.fixture
def findings(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    listed = [Finding(Level.OK, "python.ok", {"version": "3.11.0"})]
    monkeypatch.setattr("posture.cli_doctor.examine", lambda _: iter(listed))
    return listed


def test_all_well_ends_with_0(findings: list[Finding]) -> None:
    assert findings
    outcome = CliRunner().invoke(command, ["--lang", "nl"])
    assert outcome.exit_code == 0
    assert outcome.output.splitlines()[0] == "in orde   Python 3.11.0"
    assert "Alles is in orde." in outcome.output


def test_a_warning_ends_with_0_and_is_counted(findings: list[Finding]) -> None:
    findings.append(Finding(Level.WARNING, "camera.none"))
    outcome = CliRunner().invoke(command, ["--lang", "en"])
    assert outcome.exit_code == 0
    assert "look at the warnings above (1)" in outcome.output


def test_a_problem_ends_with_3_and_says_how_to_mend_it(findings: list[Finding]) -> None:
    findings.append(Finding(Level.PROBLEM, "model.missing", {"name": "full"}))
    outcome = CliRunner().invoke(command, ["--lang", "en"])
    assert outcome.exit_code == 3
    assert "-> Run: posture models fetch full" in outcome.output


def test_it_starts_when_no_library_does() -> None:
    """Neither the product's libraries nor numpy are imported before they are tried out."""
    program = (
        "import sys\n"
        "import posture.cli_doctor\n"
        "bad = {'cv2', 'mediapipe', 'numpy', 'av', 'streamlit', 'platformdirs', 'flatbuffers'}\n"
        "sys.exit(', '.join(bad & set(sys.modules)) or None)\n"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 0, outcome.stderr


@pytest.mark.parametrize(
    ("name", "language"),
    [("nl_NL.UTF-8", "nl"), ("en_GB.UTF-8", "en"), ("fr_FR", "en"), ("C", "en")],
)
def test_the_language_is_the_computers(
    name: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LC_ALL", name)
    assert system_language() == language
