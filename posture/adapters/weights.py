"""The learned weights that come with the product."""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from posture.errors import ModelError
from posture.pelvis.learned_tilt import LearnedTilt
from posture.pelvis.rotation import LearnedTurn
from posture.resources import models_folder

TILT_FILE = "tilt.npz"
TURN_FILE = "turn.npz"


def learned_tilt(path: Path | None = None) -> LearnedTilt:
    """Read the tilt's weights.

    Args:
        path: Another file than the one that comes with the product.

    Raises:
        ModelError: The file is missing or damaged.
    """
    return LearnedTilt(_arrays(path or models_folder() / TILT_FILE))


def learned_turn(path: Path | None = None) -> LearnedTurn:
    """Read the turn's weights.

    Args:
        path: Another file than the one that comes with the product.

    Raises:
        ModelError: The file is missing or damaged.
    """
    return LearnedTurn(_arrays(path or models_folder() / TURN_FILE))


def _arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as data:
            return dict(data)
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise ModelError("error.model.no_weights", name=path.name) from error
