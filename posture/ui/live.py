"""The live view: choose an exercise, and practise it in front of the camera."""

from __future__ import annotations

import secrets
from pathlib import Path

import streamlit as st

from posture.breath import Emphasis
from posture.exercises import exercise_ids, get_exercise
from posture.live.component import live_component
from posture.live.routes import sessions
from posture.live.sessions import Wish
from posture.locales import lines, text
from posture.resources import sample_videos
from posture.ui.frame import is_dark, paragraph
from posture.ui.wording import exercise_name

VISITOR, NEW_PASS = "live visitor", "live new pass"


def live(lang: str) -> None:
    """Show the choice of exercise, and the camera's part of the page."""
    st.title(text("live.choose.heading", lang), anchor=False)
    paragraph(text("live.choose.lead", lang), "lead")
    choice, about = st.columns([6, 5], gap="medium")
    with choice, st.container(border=True, key="live-choice"):
        exercise = st.selectbox(
            text("live.choose.exercise", lang),
            exercise_ids(),
            format_func=lambda exercise_id: exercise_name(exercise_id, lang),
            key="live exercise",
        )
        paragraph(text(f"exercise.{exercise}.short", lang), "quiet")
        emphasis = _emphasis(lang) if get_exercise(exercise).paced else Emphasis.EVEN
        st.fragment(_camera)(exercise, emphasis, lang)
    with about:
        _guide(exercise, lang)


def _emphasis(lang: str) -> Emphasis:
    """Ask what the breath pacer is to make room for."""
    chosen = st.segmented_control(
        text("live.choose.emphasis", lang),
        list(Emphasis),
        default=Emphasis.EVEN,
        required=True,
        format_func=lambda emphasis: text(f"cue.emphasis.{emphasis}", lang),
        key="live emphasis",
        width="stretch",
    )
    paragraph(text(f"cue.emphasis_note.{chosen}", lang), "quiet")
    return Emphasis(chosen)


def _camera(exercise: str, emphasis: Emphasis, lang: str) -> None:
    sample = _sample_of(exercise)
    live_component(
        exercise=exercise,
        lang=lang,
        dark=is_dark(),
        sample=sample.name if sample is not None else "",
        new_pass=st.session_state.get(NEW_PASS, ""),
        on_wanted=lambda: _make_pass(Wish(_visitor(), exercise, lang, emphasis)),
    )


def _visitor() -> str:
    """Return what tells this visitor's page from the others."""
    return str(st.session_state.setdefault(VISITOR, secrets.token_hex(8)))


def _make_pass(wish: Wish) -> None:
    """Give this visitor's browser the right to open one socket."""
    st.session_state[NEW_PASS] = sessions().make_pass(wish)


def _sample_of(exercise: str) -> Path | None:
    """Return a video of ours that shows the exercise."""
    name = exercise.replace("-", "_")
    return next((video for video in sample_videos() if video.stem.startswith(name)), None)


def _guide(exercise: str, lang: str) -> None:
    """Show how the exercise goes, and where the camera stands."""
    said = f"exercise.{exercise}"
    st.subheader(text("live.choose.place_heading", lang), anchor=False)
    st.markdown(text(f"{said}.camera", lang))
    st.markdown(text(f"{said}.start", lang))
    st.markdown("\n".join(f"1. {step}" for step in lines(f"{said}.how", lang)))
    for key in ("sees", "cannot", "care"):
        paragraph(text(f"{said}.{key}", lang), "quiet")
