"""The second view: work in progress, with the time left and a way to stop it."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

import streamlit as st

from posture.locales import text
from posture.ui.frame import paragraph
from posture.ui.jobs import Job, Stage
from posture.ui.review import Review
from posture.ui.samples import shown_title
from posture.ui.server import board
from posture.ui.wording import time_left

POLL_S = 0.4


def watch(jobs: Sequence[Job[Review]], lang: str) -> None:
    """Show how far the jobs are, until all of them have finished; then show the page anew."""
    key = "heading" if len(jobs) == 1 else "heading_several"
    st.title(text(f"page.progress.{key}", lang), anchor=False)
    paragraph(text("page.progress.note", lang), "quiet")
    st.fragment(_bars, run_every=POLL_S)(jobs, lang)


def _bars(jobs: Sequence[Job[Review]], lang: str) -> None:
    with st.container(border=True, key="progress"):
        for job in jobs:
            _bar(job, jobs, lang)
        key = "cancel" if len(jobs) == 1 else "cancel_all"
        if st.button(text(f"page.progress.{key}", lang), icon=":material/stop:", key="stop"):
            _stop(jobs, jobs)
    if all(job.state.stage.finished for job in jobs):
        st.rerun(scope="app")


def _stop(unwanted: Sequence[Job[Review]], jobs: Sequence[Job[Review]]) -> None:
    """Stop some of the jobs; the others go on."""
    for job in unwanted:
        board().remove(job.id)
    left = [job.id for job in jobs if job not in unwanted]
    if left:
        st.query_params["job"] = left
    else:
        st.session_state["notice"] = "page.refusal.cancelled"
        st.query_params.pop("job", None)
    st.rerun(scope="app")


def _bar(job: Job[Review], jobs: Sequence[Job[Review]], lang: str) -> None:
    state = job.state
    share = 0.0 if isnan(state.share) else state.share
    words = _stage_words(state.stage, lang)
    left = time_left(state.left_s, lang)
    title = shown_title(job.title, lang)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{_plain(title)}**", width="stretch")
        if len(jobs) > 1 and st.button(
            text("page.progress.cancel_one", lang),
            type="tertiary",
            icon=":material/close:",
            key=f"stop {job.id}",
            help=text("page.progress.cancel_this", lang, name=title),
        ):
            _stop([job], jobs)
    st.progress(
        1.0 if state.stage.finished else min(share, 1.0),
        text=f"{words} · {left}" if left and not state.stage.finished else words,
    )


def _stage_words(stage: Stage, lang: str) -> str:
    if stage.finished:
        return "✓" if stage is Stage.DONE else "–"
    return text(f"page.progress.{stage}", lang)


def _plain(title: str) -> str:
    """Return a file's name so that nothing in it is taken for formatting."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()<>#+-.!|~$:" else sign for sign in title)
