"""Where things lie: the files that come with the product, and the folder for the user's data.

In a checkout the project's root holds ``models/``, ``sample_videos/`` and ``app.py``. Installed
from a wheel they lie inside the package, under ``posture/_data/``. Nothing else in the product
needs to know which of the two it is.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from posture.errors import OutputError

DATA_FOLDER_VARIABLE = "POSTURE_DATA_DIR"

_PACKAGE = Path(__file__).resolve().parent
_VIDEO_ENDINGS = frozenset({".mp4", ".webm", ".mkv", ".mov"})


def shipped_folder() -> Path:
    """Return the folder that holds ``models/``, ``sample_videos/`` and ``app.py``."""
    installed = _PACKAGE / "_data"
    return installed if installed.is_dir() else _PACKAGE.parent


def models_folder() -> Path:
    """Return the folder with the learned weights and the list of pose bundles."""
    return shipped_folder() / "models"


def manifest_path() -> Path:
    """Return the list of pose bundles: their hashes and where they come from."""
    return models_folder() / "manifest.json"


def sample_videos() -> tuple[Path, ...]:
    """Return the videos that come with the product, by name; empty when there are none."""
    folder = shipped_folder() / "sample_videos"
    if not folder.is_dir():
        return ()
    return tuple(sorted(p for p in folder.iterdir() if p.suffix.lower() in _VIDEO_ENDINGS))


def app_path() -> Path:
    """Return the script that Streamlit runs."""
    return shipped_folder() / "app.py"


def data_folder() -> Path:
    """Return the user's own folder, for fetched models and saved sessions; not made yet.

    The environment variable ``POSTURE_DATA_DIR`` overrides the system's usual place.
    """
    named = os.environ.get(DATA_FOLDER_VARIABLE, "")
    if named:
        return Path(named).expanduser()
    return Path(platformdirs.user_data_dir("posture", appauthor=False))


def made_folder(folder: Path) -> Path:
    """Make a folder where it does not exist yet, and return it.

    Raises:
        OutputError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            "error.result.no_data_folder",
            folder=folder,
            why=error.strerror,
            variable=DATA_FOLDER_VARIABLE,
        ) from error
    return folder
