"""The browser's part of the result: the player, and two repetitions beside each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from typing import Any

import streamlit as st

from posture.live.routes import ASSETS_PATH as LIVE_ASSETS_PATH
from posture.locales import table
from posture.ui.palette import Palette
from posture.ui.shelf import ASSETS_PATH, PLAYER_ASSETS

# What the browser tells the page, by the name of its trigger.
MARKED = "marked"
_TEXTS = ("player.",)


@cache
def _component(name: str) -> Any:  # noqa: ANN401 - Streamlit's own type is a private protocol
    return st.components.v2.component(
        f"posture_{name}",
        html=_asset(f"{name}.html"),
        css=_asset("player.css"),
        js=_asset("load.js"),
    )


def player(
    *,
    key: str,
    film: str,
    body: str,
    curve: str,
    story: dict[str, Any],
    lang: str,
    palette: Palette,
    on_marked: Callable[[], None],
) -> None:
    """Show a video and its curve.

    Args:
        key: The component's name on the page; what it was told is in the session under it.
        film: Address of the video; empty without one.
        body: Address of the body's points.
        curve: Address of the curve's numbers.
        story: What there is to see, from :func:`posture.ui.player.track.story`.
        lang: Language of everything said.
        palette: The page's colours.
        on_marked: Called when the user says what a stretch is.
    """
    _component("player")(
        key=key,
        data=_data(film, lang, palette) | {"body": body, "curve": curve, "story": story},
        on_marked_change=on_marked,
    )


def compare(*, key: str, sides: list[dict[str, Any]], lang: str, palette: Palette) -> None:
    """Show two repetitions beside each other, at the same distance from their peaks.

    Args:
        key: The component's name on the page.
        sides: For each: ``film``, ``body``, ``curve`` (addresses), ``unit``, ``factor``, ``title``
            and the repetition's ``start``, ``peak`` and ``end``.
        lang: Language of everything said.
        palette: The page's colours.
    """
    _component("compare")(key=key, data=_data("", lang, palette) | {"sides": sides})


def _data(film: str, lang: str, palette: Palette) -> dict[str, Any]:
    texts = {key: words for key, words in table(lang).items() if key.startswith(_TEXTS)}
    return {
        "assets": ASSETS_PATH,
        "draw": f"{LIVE_ASSETS_PATH}/draw.js",
        "film": film,
        "texts": texts,
        "lang": lang,
        "palette": asdict(palette),
    }


def _asset(name: str) -> str:
    return (PLAYER_ASSETS / name).read_text(encoding="utf-8")
