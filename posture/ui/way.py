"""The choice between the page's three ways: a video, live practice, the history."""

from __future__ import annotations

import streamlit as st

from posture.locales import text

PARAMETER = "view"
VIDEO, LIVE, HISTORY = "video", "live", "history"
SESSION = "session"
_NAMES = {VIDEO: "live.way.video", LIVE: "live.way.live", HISTORY: "page.way.history"}


def way() -> str:
    """Return the way that the page's address names."""
    named = st.query_params.get(PARAMETER)
    return named if named in {LIVE, HISTORY} else VIDEO


def choose_way(lang: str) -> None:
    """Show the choice."""
    st.segmented_control(
        text("live.way.which", lang),
        tuple(_NAMES),
        default=way(),
        required=True,
        format_func=lambda each: text(_NAMES[each], lang),
        label_visibility="collapsed",
        key="way",
        on_change=_go,
    )


def _go() -> None:
    chosen = st.session_state["way"]
    st.query_params.pop(SESSION, None)
    if chosen == VIDEO:
        st.query_params.pop(PARAMETER, None)
    else:
        st.query_params[PARAMETER] = chosen
