"""The set-up script: what it finds, what it says, and when it has nothing to do."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "start.py"


@pytest.fixture
def start(tmp_path: Path) -> Any:
    """The script as a module that believes it stands in an empty project."""
    spec = importlib.util.spec_from_file_location("start", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.ROOT = tmp_path
    module.VENV = tmp_path / ".venv"
    module.STAMP = module.VENV / "stamp.json"
    (tmp_path / "requirements").mkdir()
    for name in ("pyproject.toml", "requirements/app.txt", "requirements/dev.txt"):
        (tmp_path / name).write_text(f"{name}\n", encoding="utf-8")
    return module


class Recorder:
    """Takes the place of running a program: notes the command, answers with an exit code."""

    def __init__(self, **codes: int) -> None:
        self.commands: list[str] = []
        self._codes = codes

    def __call__(self, command: list[str], **_: object) -> int:
        line = " ".join(command)
        self.commands.append(line)
        return next((code for part, code in self._codes.items() if part in line), 0)


# --- as a program ------------------------------------------------------------------------------


def test_an_old_python_can_read_it() -> None:
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 8))


def test_it_uses_the_standard_library_only() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    names = {
        alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {
        (node.module or "").partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }
    assert names <= sys.stdlib_module_names


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_is_shown_without_setting_anything_up(option: str) -> None:
    told = subprocess.run(
        [sys.executable, str(SCRIPT), option], capture_output=True, text=True, check=True
    )
    assert "python3 start.py test" in told.stdout
    assert told.stderr == ""


def test_an_unknown_command_is_refused_with_the_known_ones() -> None:
    told = subprocess.run(
        [sys.executable, str(SCRIPT), "tset"], capture_output=True, text=True, check=False
    )
    assert told.returncode == 2
    assert "There is no 'tset'; choose one of: app, setup, test, doctor, lock." in told.stdout


# --- what the machine is -----------------------------------------------------------------------


def test_an_old_python_is_refused_in_one_sentence(
    start: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start.sys, "version_info", (3, 10, 1))
    monkeypatch.setenv("PATH", "")
    assert start.main(["setup"]) == 1
    assert capsys.readouterr().out.startswith(
        "==> This is Python 3.10, and Python 3.11 to 3.14 is needed; install one"
    )


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for Python is a shell script")
def test_an_old_python_hands_over_to_a_newer_one(
    start: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, body in (("python3.14", "exit 127"), ("python3.12", "exit 0")):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setattr(start.sys, "version_info", (3, 9, 1))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit) as stopped:
        start.main(["setup"])
    assert stopped.value.code == 0


def test_a_computer_without_pose_library_is_refused(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start.platform, "system", lambda: "Linux")
    monkeypatch.setattr(start.platform, "machine", lambda: "aarch64")
    with pytest.raises(start.SetupError, match=r"no version for this computer \(Linux aarch64\)"):
        start.check_machine()


def test_a_full_disk_is_refused_before_anything_is_downloaded(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start.shutil, "disk_usage", lambda _: type("", (), {"free": 300_000_000}))
    with pytest.raises(start.SetupError, match=r"0\.3 GB left and about 1\.2 GB"):
        start.check_disk("app")


# --- system libraries --------------------------------------------------------------------------


def lacking(*names: str) -> Any:
    def load(name: str) -> None:
        if name in names:
            raise OSError(name)

    return load


def test_only_libraries_that_do_not_load_are_missing(start: Any) -> None:
    assert start.missing_libraries(start.LIBRARIES, lacking()) == []
    assert start.missing_libraries(start.LIBRARIES, lacking("libGL.so.1")) == ["libGL.so.1"]


@pytest.fixture
def debian(start: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(start.platform, "system", lambda: "Linux")
    monkeypatch.setattr(start.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(start.os, "geteuid", lambda: 0, raising=False)
    return start


def test_the_administrator_installs_without_questions(
    debian: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = Recorder()
    monkeypatch.setattr(debian, "run", ran)
    debian.install_packages(["libgl1"], "why")
    (command,) = ran.commands
    assert re.fullmatch(r"apt-get .*install -y --no-install-recommends libgl1", command)


def test_the_list_of_packages_is_renewed_only_when_an_install_fails(
    debian: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = Recorder(install=100)
    monkeypatch.setattr(debian, "run", ran)
    with pytest.raises(debian.SetupError, match="why and could not be installed"):
        debian.install_packages(["libgl1"], "why")
    assert ["update" in command for command in ran.commands] == [False, True, False]


def test_who_may_not_install_is_told_the_line_to_type(
    debian: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian.os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(debian, "run", Recorder(sudo=1))
    with pytest.raises(debian.SetupError) as told:
        debian.install_libraries(debian.LIBRARIES, lacking("libEGL.so.1", "libGL.so.1"))
    assert str(told.value) == (
        "The system libraries libEGL.so.1, libGL.so.1 are missing: type "
        "'sudo apt-get install -y --no-install-recommends libegl1 libgl1' and run this again."
    )


def test_sudo_without_password_is_used(debian: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = Recorder()
    monkeypatch.setattr(debian.os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(debian, "run", ran)
    debian.install_packages(["libgl1"], "why")
    assert ran.commands[-1].startswith("sudo -n apt-get ")


def test_other_systems_without_apt_are_told_the_names(
    debian: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian.shutil, "which", lambda _: None)
    with pytest.raises(debian.SetupError, match=r"why: install .* calls libgl1, then run"):
        debian.install_packages(["libgl1"], "why")


def test_macs_and_windows_need_no_libraries(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start.platform, "system", lambda: "Darwin")
    start.install_libraries(start.LIBRARIES, lacking(*start.LIBRARIES))


# --- once is enough ----------------------------------------------------------------------------


@pytest.fixture
def installs(start: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which dependencies get installed; everything else is in place."""
    done: list[str] = []
    start.VENV.mkdir()
    monkeypatch.setattr(start, "install_libraries", lambda _: None)
    monkeypatch.setattr(start, "make_environment", lambda: False)
    monkeypatch.setattr(start, "install_dependencies", done.append)
    monkeypatch.setattr(start, "fetch_models", lambda *_: None)
    monkeypatch.setattr(start, "fetch_more_models", lambda *_: None)
    return done


def test_a_second_run_installs_nothing(start: Any, installs: list[str]) -> None:
    start.set_up("app")
    start.set_up("app")
    assert installs == ["app"]


def test_the_tools_include_what_the_page_needs(start: Any, installs: list[str]) -> None:
    start.set_up("dev")
    start.set_up("app")
    start.set_up("dev")
    assert installs == ["dev"]


def test_a_changed_lock_file_is_installed(start: Any, installs: list[str]) -> None:
    start.set_up("app")
    (start.ROOT / "requirements/app.txt").write_text("other\n", encoding="utf-8")
    start.set_up("app")
    assert installs == ["app", "app"]


def test_a_new_environment_is_filled_even_though_a_note_says_otherwise(
    start: Any, installs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    start.set_up("app")
    monkeypatch.setattr(start, "make_environment", lambda: True)
    start.set_up("app")
    assert installs == ["app", "app"]


@pytest.mark.parametrize("note", ["", "[]", "{", json.dumps({"app": "other"})])
def test_a_note_that_makes_no_sense_is_forgotten(
    start: Any, installs: list[str], note: str
) -> None:
    start.STAMP.write_text(note, encoding="utf-8")
    start.set_up("app")
    assert installs == ["app"]


def test_an_install_that_failed_is_tried_again(
    start: Any, installs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: str) -> None:
        raise start.SetupError("no connection")

    monkeypatch.setattr(start, "install_dependencies", broken)
    with pytest.raises(start.SetupError):
        start.set_up("app")
    monkeypatch.setattr(start, "install_dependencies", installs.append)
    start.set_up("app")
    assert installs == ["app"]


def test_what_is_locked_is_installed_and_nothing_is_looked_for_besides(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = Recorder()
    monkeypatch.setattr(start, "run", ran)
    start.install_dependencies("dev")
    locked, own = ran.commands
    assert "--require-hashes --no-deps" in locked
    assert locked.endswith("-r requirements/dev.txt")
    assert "--no-deps" in own


def test_python_without_ensurepip_gets_debians_package(
    debian: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = Recorder()
    monkeypatch.setattr(debian, "run", ran)
    monkeypatch.setattr(debian, "has_module", lambda _: False)
    assert debian.make_environment() is True
    assert ran.commands[0].endswith(
        f"install -y --no-install-recommends python3.{sys.version_info[1]}-venv"
    )
    assert "-m venv" in ran.commands[1]


# --- the checks --------------------------------------------------------------------------------


def test_every_check_runs_also_when_one_fails(
    start: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = Recorder(mypy=1)
    monkeypatch.setattr(start, "run", ran)
    monkeypatch.setattr(start, "set_up", lambda _: None)
    monkeypatch.setattr(start, "browser_environment", dict)
    monkeypatch.setattr(start, "install_postgresql", lambda: None)
    assert start.main(["test", "tests/unit", "-x"]) == 1
    assert [command.split()[2] for command in ran.commands] == ["ruff", "ruff", "mypy", "pytest"]
    assert ran.commands[-1].endswith("--no-loadscope-reorder tests/unit -x")
    assert "Failed: mypy." in capsys.readouterr().out


def test_options_without_a_command_go_to_the_page(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = Recorder()
    monkeypatch.setattr(start, "run", ran)
    monkeypatch.setattr(start, "replace_process", lambda _: None)
    monkeypatch.setattr(start, "set_up", lambda _: None)
    assert start.main(["--no-browser", "--port", "8600"]) == 0
    assert ran.commands[-1].endswith("app --no-browser --port 8600")


def test_an_installed_browser_is_found(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(start.BROWSER_VARIABLE, raising=False)
    only_chrome = {"google-chrome": "/opt/chrome"}.get
    assert start.find_browser(only_chrome, ()) == "/opt/chrome"
    assert start.find_browser(lambda _: None, (str(SCRIPT),)) == str(SCRIPT)
    assert start.find_browser(lambda _: None, ()) is None


def test_the_tests_database_is_installed_without_a_server_of_its_own(
    debian: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ran = Recorder()
    monkeypatch.setattr(debian, "run", ran)
    monkeypatch.setattr(debian, "is_debian", lambda: True)
    monkeypatch.setattr(debian, "POSTGRESQL", tmp_path / "15" / "bin")
    debian.install_postgresql(lambda _: None)
    assert "create_main_cluster = false" in ran.commands[0]
    assert ran.commands[1].endswith("install -y --no-install-recommends postgresql")


def test_a_database_that_is_there_or_may_not_be_installed_is_left_alone(
    debian: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ran = Recorder()
    monkeypatch.setattr(debian, "run", ran)
    monkeypatch.setattr(debian, "is_debian", lambda: True)
    monkeypatch.setattr(debian, "POSTGRESQL", tmp_path)
    debian.install_postgresql({"initdb": "/opt/initdb"}.get)
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(debian, "administrator", lambda: None)
    debian.install_postgresql(lambda _: None)
    assert "will be skipped" in capsys.readouterr().out
    programs = tmp_path / "15" / "bin" / "initdb"
    programs.parent.mkdir(parents=True)
    programs.touch()
    debian.install_postgresql(lambda _: None)
    assert capsys.readouterr().out == ""
    assert ran.commands == []


# --- the lock files ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["app.txt", "dev.txt"])
def test_the_lock_files_are_whole_and_name_no_host(name: str) -> None:
    content = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    pins = re.split(r"\n(?=\S)", content.strip())
    assert all(re.match(r"[\w.-]+==\S+", pin) and "--hash=sha256:" in pin for pin in pins)
    assert "://" not in content
    assert re.search(r"^mediapipe==0\.10\.31 ", content, re.MULTILINE)


def test_the_tools_lock_has_the_same_versions_as_the_pages() -> None:
    def pins(name: str) -> set[str]:
        content = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        return set(re.findall(r"^[\w.-]+==\S+", content, re.MULTILINE))

    assert pins("app.txt") < pins("dev.txt")
