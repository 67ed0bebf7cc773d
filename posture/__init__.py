"""Camera feedback for pelvis exercises: pelvic tilt and stance from one webcam.

``posture.analyze(path, exercise=...)`` analyses a recorded video, see :mod:`posture.api`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from posture.api import Session, analyze

__version__ = "0.1.0"
__all__ = ["Session", "__version__", "analyze"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the two
    """Load the rest only when it is asked for: it takes a second or two."""
    if name in {"Session", "analyze"}:
        from posture import api  # noqa: PLC0415

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
