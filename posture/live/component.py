"""The browser's part of live practice, as a component of the page."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from posture.exercises import get_exercise
from posture.live.routes import ASSETS, ASSETS_PATH, SAMPLES_PATH, SOCKET_PATH
from posture.locales import table, text

_TEXTS = (
    "live.",
    "reason.",
    "stance.",
    "guide.view.",
    "overlay.",
    "page.kind.",
    "page.table.",
    "page.result.repetitions",
    "page.result.losses",
)


@cache
def _component() -> Any:  # noqa: ANN401 - Streamlit's own type is a private protocol
    return st.components.v2.component(
        "posture_live",
        html=_asset("live.html"),
        css=_asset("live.css"),
        js=_asset("load.js"),
    )


def live_component(
    *,
    exercise: str,
    lang: str,
    dark: bool,
    sample: str,
    new_pass: str,
    on_wanted: Callable[[], None],
) -> None:
    """Show the camera's part of the page.

    Args:
        exercise: What is practised.
        lang: Language of everything said.
        dark: Whether the page is dark.
        sample: File name of the video that can play in the camera's place.
        new_pass: The pass made when one was wanted; empty before.
        on_wanted: Called when the browser wants a pass.
    """
    _component()(
        key="live",
        data={
            "assets": ASSETS_PATH,
            "socket": SOCKET_PATH,
            "sample": f"{SAMPLES_PATH}/{sample}",
            "lang": lang,
            "dark": dark,
            "gauge": get_exercise(exercise).reading,
            "pass": new_pass,
            "texts": texts_for(exercise, lang),
        },
        on_wanted_change=on_wanted,
    )


def texts_for(exercise: str, lang: str) -> dict[str, str]:
    """Return every text the browser may need, by its key.

    The exercise's own are under ``exercise`` (its name), ``phase.*`` and ``breath.*``.
    """
    found: dict[str, str] = {"exercise": text(f"exercise.{exercise}.name", lang)}
    own = f"exercise.{exercise}."
    for key, value in table(lang).items():
        if not isinstance(value, str):
            continue
        if key.startswith(_TEXTS) or key == f"{own}start":
            found[key] = value
        for prefix in ("cue.breath.", own):
            if key in {f"{prefix}inhale", f"{prefix}exhale", f"{prefix}rest"}:
                found[f"breath.{key.removeprefix(prefix)}"] = value
        for prefix in ("cue.", own):
            if key.startswith(f"{prefix}phase."):
                found[key.removeprefix(prefix)] = value
    return found


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")
