"""What every view of the page has around it: top line, style and footer."""

from __future__ import annotations

import base64
from functools import cache
from html import escape
from pathlib import Path

import streamlit as st

from posture.locales import LANGUAGES, text
from posture.ui.language import PARAMETER
from posture.ui.palette import DARK, LIGHT, Palette

ASSETS = Path(__file__).with_name("assets")
ICON = ASSETS / "icon.svg"

_CHOSEN = {"light": "#d9e7e4", "dark": "#20443f"}
_NAMES = {"en": "English", "nl": "Nederlands"}


def is_dark() -> bool:
    """Return whether the reader's page is dark."""
    return st.context.theme.type == "dark"


def palette() -> Palette:
    """Return the colours for the reader's theme."""
    return DARK if is_dark() else LIGHT


def top(lang: str) -> None:
    """Show the style, the name and the choice of language."""
    st.html(f"<style>{_asset('page.css')}{_variables(dark=is_dark())}{_uploader_css(lang)}</style>")
    # Screen readers choose their voice by it; the value is one of two constants.
    st.html(
        f"<script>document.documentElement.lang = '{lang}'</script>",
        unsafe_allow_javascript=True,
    )
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.html(
            f'<div class="brand"><img src="{_icon_url()}" alt=""><span>'
            f"{escape(text('page.title', lang))}</span></div>",
            width="content",
        )
        st.segmented_control(
            text("page.language", lang),
            LANGUAGES,
            default=lang,
            required=True,
            format_func=_NAMES.__getitem__,
            label_visibility="collapsed",
            key="language",
            on_change=_speak,
        )


def foot(lang: str) -> None:
    """Show what this is not, and where everything stays."""
    st.html(
        '<div class="foot">'
        f"<p>{escape(text('page.footer.medical', lang))}</p>"
        f"<p>{escape(text('page.footer.private', lang))}</p>"
        "</div>"
    )


def paragraph(words: str, style: str) -> None:
    """Show a paragraph in one of the page's styles."""
    st.html(f'<p class="{style}">{escape(words)}</p>')


def _speak() -> None:
    st.query_params[PARAMETER] = st.session_state["language"]


@cache
def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


@cache
def _icon_url() -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(ICON.read_bytes()).decode()


def _variables(*, dark: bool) -> str:
    colours = DARK if dark else LIGHT
    named = {
        "edge": colours.edge,
        "card": colours.card,
        "good": colours.good,
        "chosen": _CHOSEN["dark" if dark else "light"],
        "forward": colours.forward,
        "neutral": colours.neutral,
        "on": colours.ink,
        "focus": colours.backward,
        "text": colours.line,
    }
    variables = "".join(f"--{name}:{colour};" for name, colour in named.items())
    return f":root{{{variables}}}"


def _uploader_css(lang: str) -> str:
    """Streamlit has no setting for the words inside its file chooser; these stand over them."""
    routine = ".st-key-live-own "
    return _over_uploader("", "page.choose.upload", lang) + _over_uploader(
        routine, "live.choose.own", lang
    )


def _over_uploader(where: str, key: str, lang: str) -> str:
    browse, hint = (text(f"{key}_{part}", lang) for part in ("browse", "hint"))
    zone = f'{where}[data-testid="stFileUploaderDropzone"]'
    told = f'{where}[data-testid="stFileUploaderDropzoneInstructions"]'
    return (
        f"{zone} button:first-of-type p{{font-size:0}}"
        f"{zone} button:first-of-type p::after{{content:{_quoted(browse)};font-size:1rem}}"
        f"{told}, {told} *{{font-size:0}}"
        f"{told}::after{{content:{_quoted(hint)};font-size:.9rem;line-height:1.4}}"
    )


def _quoted(words: str) -> str:
    """Return words as a CSS string."""
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'
