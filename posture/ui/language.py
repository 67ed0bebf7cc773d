"""Which language the page speaks: the one in its address, else the browser's."""

from __future__ import annotations

import streamlit as st

from posture.locales import LANGUAGES

PARAMETER = "lang"
DEFAULT = "en"


def page_language() -> str:
    """Return the language of this visit."""
    return choose_language(st.query_params.get(PARAMETER), st.context.locale)


def choose_language(asked: str | None, browser: str | None) -> str:
    """Choose one of the product's languages.

    Args:
        asked: What the page's address says, if anything.
        browser: The browser's language, such as ``nl-BE``.
    """
    if asked in LANGUAGES:
        return asked
    spoken = (browser or "").lower().replace("_", "-").split("-")[0]
    return spoken if spoken in LANGUAGES else DEFAULT
