"""Installed from a wheel, away from the checkout, the product still finds what it ships."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from posture import resources

ROOT = Path(__file__).parents[2]
LOOK = """
import json
import posture
from posture import resources
from posture.adapters.model_manifest import shipped_manifest
from posture.locales import text
print(json.dumps({
    "package": posture.__file__,
    "app": str(resources.app_path()),
    "app_is_there": resources.app_path().is_file(),
    "models": sorted(p.name for p in resources.models_folder().iterdir()),
    "bundles": sorted(shipped_manifest().bundles),
    "videos": [p.name for p in resources.sample_videos()],
    "word": text("stance.forward", "nl"),
}))
"""


def run(command: list[str], folder: Path, **environment: str) -> str:
    outcome = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the product installed from its wheel; its dependencies are this Python's."""
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], ROOT)
    (wheel,) = folder.glob("*.whl")
    target = folder / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    run([*pip, "--target", str(target), str(wheel)], folder)
    return target


def test_the_installed_product_finds_what_it_ships(installed: Path) -> None:
    told = json.loads(
        run([sys.executable, "-c", LOOK], installed.parent, PYTHONPATH=str(installed))
    )
    assert Path(told["package"]).is_relative_to(installed)
    assert Path(told["app"]).is_relative_to(installed)
    assert told["app_is_there"]
    assert told["bundles"] == ["full", "heavy", "lite"]
    assert told["models"] == sorted(p.name for p in resources.models_folder().iterdir())
    assert told["videos"] == [p.name for p in resources.sample_videos()] != []
    assert told["word"] == "voorover"


def test_the_installed_product_makes_its_history(installed: Path, tmp_path: Path) -> None:
    look = (
        "from posture.store import open_store; s = open_store(); print(s.find().total); s.close()"
    )
    data = {resources.DATA_FOLDER_VARIABLE: str(tmp_path), "PYTHONPATH": str(installed)}
    assert run([sys.executable, "-c", look], installed.parent, **data).strip() == "0"
    assert (tmp_path / "history" / "history.sqlite").is_file()


def test_the_wheel_carries_no_tests_and_no_model_bundles(installed: Path) -> None:
    names = [str(p.relative_to(installed)) for p in installed.rglob("*") if p.is_file()]
    assert not [name for name in names if name.endswith(".task") or name.startswith("tests")]


def test_the_checkout_finds_the_same_things() -> None:
    assert resources.shipped_folder() == ROOT
    assert resources.manifest_path().is_file()
    assert resources.app_path() == ROOT / "app.py"


def test_the_data_folder_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(resources.DATA_FOLDER_VARIABLE, str(tmp_path / "mine"))
    assert resources.data_folder() == tmp_path / "mine"
    monkeypatch.setenv(resources.DATA_FOLDER_VARIABLE, "")
    assert resources.data_folder().name == "posture"
