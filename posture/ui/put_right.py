"""The part of the result in which the person puts right what was read wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from posture.corrections import ORIGINAL, Corrections
from posture.datatypes import Rep, TimeWindow
from posture.errors import PostureError
from posture.exercises import exercise_ids
from posture.locales import text
from posture.ui.frame import paragraph
from posture.ui.review import Review
from posture.ui.series import end_s
from posture.ui.wording import exercise_name, kind_name, precise_span, span

NEUTRAL, ADDED, EXCLUDED = "neutral", "added", "excluded"
WHAT = (NEUTRAL, ADDED, EXCLUDED)
REFUSED = "correction refused"


def marked(review: Review, key: str) -> None:
    """Take what the person said on the player about a stretch.

    Args:
        review: The recording.
        key: The player's name on the page.
    """
    said = st.session_state[key].get("marked")
    if not review.correctable or not said or said.get("what") not in WHAT:
        return
    window = TimeWindow(float(said["start_s"]), float(said["end_s"]))
    _correct(review, with_stretch(review.corrections, said["what"], window))


def with_stretch(corrections: Corrections, what: str, window: TimeWindow) -> Corrections:
    """Return corrections that also say what a stretch is: neutral, added or excluded."""
    window = TimeWindow(round(window.start_s, 3), round(window.end_s, 3))
    if what == NEUTRAL:
        return replace(corrections, neutral=window)
    if what == ADDED:
        return replace(corrections, added=(*corrections.added, window))
    return replace(corrections, excluded=(*corrections.excluded, window))


def put_right(review: Review, lang: str) -> None:
    """Show what was put right, and the ways to do so."""
    refused = st.session_state.pop(REFUSED, None)
    if refused:
        st.warning(refused.said(lang), icon=":material/info:")
    _done(review, lang)
    with st.expander(text("page.right.heading", lang), icon=":material/edit:"):
        paragraph(text("page.right.lead", lang), "quiet")
        _stretch(review, lang)
        left, right = st.columns(2, gap="medium")
        with left:
            _repetition(review, lang)
        with right:
            _exercise(review, lang)


def _done(review: Review, lang: str) -> None:
    """List what was put right, each with a way back."""
    items = told(review.corrections, lang)
    if not items:
        return
    with st.container(border=True, key="corrections"):
        st.header(text("page.right.done", lang), anchor=False)
        for index, (words, left) in enumerate(items):
            with st.container(
                horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
            ):
                st.markdown(words)
                st.button(
                    text("page.right.undo", lang),
                    key=f"undo {index}",
                    on_click=_correct,
                    args=(review, left),
                )
        st.button(
            text("page.right.original", lang),
            icon=":material/undo:",
            key="original",
            on_click=_correct,
            args=(review, ORIGINAL),
        )


def told(corrections: Corrections, lang: str) -> list[tuple[str, Corrections]]:
    """Return each correction in words, and the corrections that are left without it."""
    items: list[tuple[str, Corrections]] = []
    if corrections.exercise is not None:
        name = exercise_name(corrections.exercise, lang)
        words = text("page.right.told.exercise", lang, exercise=name)
        items.append((words, replace(corrections, exercise=None)))
    if corrections.neutral is not None:
        when = precise_span(corrections.neutral, lang)
        words = text("page.right.told.neutral", lang, when=when)
        items.append((words, replace(corrections, neutral=None)))
    for window in corrections.excluded:
        left = replace(corrections, excluded=_others(corrections.excluded, window))
        items.append((_window_words(EXCLUDED, window, lang), left))
    for window in corrections.deleted:
        left = replace(corrections, deleted=_others(corrections.deleted, window))
        items.append((_window_words("deleted", window, lang), left))
    for window in corrections.added:
        left = replace(corrections, added=_others(corrections.added, window))
        items.append((_window_words(ADDED, window, lang), left))
    return items


def _others(windows: Sequence[TimeWindow], window: TimeWindow) -> tuple[TimeWindow, ...]:
    return tuple(other for other in windows if other != window)


def _window_words(what: str, window: TimeWindow, lang: str) -> str:
    return text(f"page.right.told.{what}", lang, when=precise_span(window, lang))


def _stretch(review: Review, lang: str) -> None:
    last_s = end_s(review.original.results)
    what, start, end, apply = st.columns([5, 2, 2, 2], vertical_alignment="bottom")
    chosen = what.selectbox(
        text("page.right.what", lang),
        WHAT,
        format_func=lambda each: text(f"page.right.{each}", lang),
        key="right what",
    )
    start_s = start.number_input(
        text("page.right.from", lang), 0.0, last_s, 0.0, 0.1, "%.1f", key="right from"
    )
    stop_s = end.number_input(
        text("page.right.to", lang), 0.0, last_s, min(2.0, last_s), 0.1, "%.1f", key="right to"
    )
    apply.button(
        text("page.right.apply", lang),
        width="stretch",
        disabled=start_s >= stop_s,
        key="right apply",
        on_click=lambda: _correct(
            review, with_stretch(review.corrections, chosen, TimeWindow(start_s, stop_s))
        ),
    )


def _repetition(review: Review, lang: str) -> None:
    reps = review.analysis.reps
    if not reps:
        return
    chosen = st.selectbox(
        text("page.right.rep", lang),
        range(len(reps)),
        format_func=lambda index: _rep_words(reps, index, lang),
        key=f"right rep {len(reps)}",
    )
    st.button(
        text("page.right.delete", lang),
        key="right delete",
        on_click=lambda: _correct(review, review.corrections.without(reps[chosen])),
    )


def _rep_words(reps: Sequence[Rep], index: int, lang: str) -> str:
    rep = reps[index]
    return f"{rep.index}: {kind_name(rep.kind, lang)}, {span(rep.start_s, rep.end_s)}"


def _exercise(review: Review, lang: str) -> None:
    now = review.analysis.request.exercise
    chosen = st.selectbox(
        text("page.right.exercise", lang),
        exercise_ids(),
        index=exercise_ids().index(now),
        format_func=lambda each: exercise_name(each, lang),
        key=f"right exercise {now}",
    )
    asked = review.original.request.exercise
    wanted = replace(review.corrections, exercise=None if chosen == asked else chosen)
    st.button(
        text("page.right.change", lang),
        key="right change",
        disabled=chosen == now,
        on_click=_correct,
        args=(review, wanted),
    )


def _correct(review: Review, corrections: Corrections) -> None:
    """Put it right, or remember the sentence that says why not."""
    try:
        review.correct(corrections)
    except PostureError as error:
        st.session_state[REFUSED] = error
