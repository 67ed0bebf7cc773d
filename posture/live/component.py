"""The browser's part of live practice, as a component of the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import streamlit as st

from posture.breath import Breath, Emphasis
from posture.exercises import get_exercise
from posture.live.routes import ASSETS, ASSETS_PATH, SAMPLES_PATH, SOCKET_PATH
from posture.locales import has_text, lines, table, text

_TEXTS = (
    "live.",
    "reason.",
    "stance.",
    "guide.",
    "programme.paused",
    "programme.skip",
    "programme.pause",
    "programme.resume",
    "programme.repeat",
    "overlay.",
    "page.kind.",
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
    exercises: Sequence[str],
    emphasis: Emphasis,
    lang: str,
    dark: bool,
    sample: str,
    new_pass: str,
    on_wanted: Callable[[], None],
) -> None:
    """Show the camera's part of the page.

    Args:
        exercises: What is practised, in order; more than one in a routine.
        emphasis: What the breath pacer makes room for.
        lang: Language of everything said.
        dark: Whether the page is dark.
        sample: File name of the video that can play in the camera's place; empty without one.
        new_pass: The pass made when one was wanted; empty before.
        on_wanted: Called when the browser wants a pass.
    """
    _component()(
        key="live",
        data={
            "assets": ASSETS_PATH,
            "socket": SOCKET_PATH,
            "sample": f"{SAMPLES_PATH}/{sample}" if sample else "",
            "lang": lang,
            "dark": dark,
            "pass": new_pass,
            "texts": shared_texts(lang),
            "first": exercises[0],
            "exercises": {
                exercise: {
                    "gauge": get_exercise(exercise).reading,
                    "led": get_exercise(exercise).paced,
                    "texts": exercise_texts(exercise, lang, emphasis),
                }
                for exercise in exercises
            },
        },
        on_wanted_change=on_wanted,
    )


def shared_texts(lang: str) -> dict[str, str]:
    """Return every text the browser may need in any exercise, by its key."""
    found = {
        key: value
        for key, value in table(lang).items()
        if isinstance(value, str) and key.startswith(_TEXTS)
    }
    for key in ("waiting", "paused"):
        found[f"phase.{key}"] = text(f"cue.phase.{key}", lang)
    return found


def exercise_texts(exercise: str, lang: str, emphasis: Emphasis = Emphasis.EVEN) -> dict[str, str]:
    """Return an exercise's own texts, by key.

    Its name is ``exercise``; how it is done is ``about.*``, with a line for each step; what the
    breath does is ``breath.*`` to be read, and ``breathe.*`` to be heard once it is known.
    """
    own = f"exercise.{exercise}."
    found = {
        "exercise": text(f"{own}name", lang),
        f"{own}start": text(f"{own}start", lang),
        "about.short": text(f"{own}short", lang),
        "about.camera": text(f"{own}camera", lang),
        "about.care": text(f"{own}care", lang),
        "about.start": text(f"{own}start", lang),
        "about.how": "\n".join(lines(f"{own}how", lang)),
    }
    short = "cue.breath" if emphasis is Emphasis.EVEN else f"cue.breath_{emphasis}"
    for breath in Breath:
        key = f"{own}{breath}"
        found[f"breathe.{breath}"] = text(f"{short}.{breath}", lang)
        found[f"breath.{breath}"] = (
            text(key, lang) if has_text(key, lang) else found[f"breathe.{breath}"]
        )
    for key, value in table(lang).items():
        if key.startswith(f"{own}phase.") and isinstance(value, str):
            found[key.removeprefix(own)] = value
    return found


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")
