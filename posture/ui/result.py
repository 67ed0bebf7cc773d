"""The third view: what the camera saw, in pictures, a curve and plain words."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from posture.analysis import Analysis
from posture.errors import PostureError
from posture.locales import text
from posture.recording import ANNOTATED, REPS, SUMMARY, TIMELINE
from posture.ui.chart import SIGNS, curve_chart
from posture.ui.frame import palette, paragraph, tie_together
from posture.ui.jobs import Job
from posture.ui.samples import shown_title
from posture.ui.series import end_s
from posture.ui.server import board
from posture.ui.wording import (
    RepLine,
    curve_notes,
    exercise_name,
    losses,
    noticed,
    number,
    remarks,
    rep_lines,
    summary,
    tiles,
)
from posture.ui.work import Outcome

_DOWNLOADS = (
    ("annotated", ANNOTATED, "video/mp4"),
    ("timeline", TIMELINE, "text/csv"),
    ("reps", REPS, "application/json"),
    ("summary", SUMMARY, "application/json"),
)


# Errors carry their sentence in one language; a page in another adds what to do in its own.
ERRORS_SPEAK = "en"


def results(jobs: Sequence[Job[Outcome]], lang: str) -> None:
    """Show what came out of finished jobs."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        any_result = any(job.state.result is not None for job in jobs)
        heading = "page.result.heading" if any_result else "page.refusal.heading"
        st.title(text(heading, lang), anchor=False, width="content")
        if st.button(
            text("page.result.again", lang), icon=":material/arrow_back:", key="start over"
        ):
            start_over(jobs)
    job = jobs[0]
    if len(jobs) > 1:
        chosen = st.pills(
            text("page.result.which", lang),
            range(len(jobs)),
            default=0,
            required=True,
            format_func=lambda index: shown_title(jobs[index].title, lang),
            key="which result",
        )
        job = jobs[chosen]
    state = job.state
    if state.result is not None:
        _result(shown_title(job.title, lang), state.result, lang)
    else:
        refusal(state.error, lang)


def start_over(jobs: Sequence[Job[Outcome]]) -> None:
    """Delete the results and go back to the choices."""
    for job in jobs:
        board().remove(job.id)
    st.query_params.pop("job", None)
    st.rerun()


def refusal(error: Exception | None, lang: str) -> None:
    """Show why there is no result, in a sentence; never a stack trace."""
    with st.container(border=True, key="refusal"):
        if error is None:
            st.markdown(text("page.refusal.cancelled", lang))
            return
        if not isinstance(error, PostureError):
            st.header(text("page.refusal.PostureError", lang), anchor=False)
            st.markdown(text("page.error.unexpected", lang))
            return
        name = type(error).__name__
        st.header(text(f"page.refusal.{name}", lang), anchor=False)
        if lang != ERRORS_SPEAK:
            st.markdown(text(f"page.refusal.help.{name}", lang))
        st.html(f'<p class="quiet" lang="{ERRORS_SPEAK}">{escape(str(error))}</p>')


def _result(title: str, outcome: Outcome, lang: str) -> None:
    analysis = outcome.analysis
    sentences = summary(analysis, lang)
    exercise = exercise_name(analysis.request.exercise, lang)
    paragraph(title if title.startswith(exercise) else f"{title} · {exercise}", "quiet")
    st.html("".join(f'<p class="said">{escape(sentence)}</p>' for sentence in sentences))
    figures = "".join(
        f'<div class="figure"><dt>{escape(tile.label)}</dt>'
        f'<dd class="value">{escape(tile.value)}</dd>'
        f'<dd class="note">{escape(tile.note)}</dd></div>'
        for tile in tiles(analysis, lang)
    )
    st.html(f'<dl class="row figures">{figures}</dl>')
    seen, curve = st.columns([5, 8], gap="medium")
    with seen, st.container(key="seen"):
        st.header(text("page.result.video", lang), anchor=False)
        if outcome.annotated is None:
            st.info(text("page.result.no_video", lang))
        else:
            st.video(str(outcome.annotated), muted=True, alt=text("page.result.video_alt", lang))
    with seen:
        st.header(text("page.result.how", lang), anchor=False)
        for remark in remarks(analysis, lang):
            paragraph(remark, "quiet")
    with curve:
        _curve(analysis, lang)
    tie_together(end_s(analysis.results))
    with st.container(border=True, key="repetitions"):
        st.header(text("page.result.repetitions", lang), anchor=False)
        _repetitions(analysis, lang)
    with st.container(border=True, key="losses"):
        st.header(text("page.result.losses", lang), anchor=False)
        _losses(analysis, lang)
    _downloads(outcome, lang)


def _curve(analysis: Analysis, lang: str) -> None:
    st.header(text("page.result.curve", lang), anchor=False)
    with st.container(key="curve"):
        st.altair_chart(
            curve_chart(analysis, lang, palette()),
            width="stretch",
            alt=" ".join(summary(analysis, lang)),
        )
    paragraph(curve_notes(analysis, lang), "quiet")


def _losses(analysis: Analysis, lang: str) -> None:
    lost = losses(analysis, lang)
    if not lost:
        paragraph(text("page.result.losses_none", lang), "quiet")
        return
    rows = "".join(
        f'<li>{escape(loss.words)}<br><span class="when">{escape(loss.when)}</span></li>'
        for loss in lost
    )
    st.html(f'<ul class="losses">{rows}</ul>')
    seconds = number(sum(loss.seconds for loss in lost), lang, 1)
    paragraph(text("page.result.losses_note", lang, seconds=seconds), "quiet")


def _repetitions(analysis: Analysis, lang: str) -> None:
    rows = rep_lines(analysis, lang)
    if rows:
        _table(rows, lang)
    else:
        paragraph(text("page.result.none", lang), "quiet")
    also = noticed(analysis, lang)
    if also:
        st.header(text("page.result.noticed", lang), anchor=False)
        items = "".join(
            f"<li>{_seek(item.time_s, item.when)} {escape(item.words)}</li>" for item in also
        )
        st.html(f'<ul class="losses">{items}</ul>')


def _table(rows: Sequence[RepLine], lang: str) -> None:
    columns = ("number", "kind", "when", "size", "verdict", "remarks")
    head = "".join(
        f'<th scope="col">{escape(text(f"page.table.{column}", lang))}</th>' for column in columns
    )
    body = "".join(
        f"<tr><td>{row.number}</td><td>{escape(row.kind)}</td><td>"
        f"{_seek(row.start_s, row.when)}</td>"
        f"<td>{escape(row.size)}</td>"
        f'<td><span class="verdict {row.verdict}"><b aria-hidden="true">{SIGNS[row.verdict]}</b>'
        f"{escape(row.verdict_words)}</span></td>"
        f'<td class="remarks">{escape(" ".join(row.remarks))}</td></tr>'
        for row in rows
    )
    st.html(f'<table class="reps"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')


def _seek(time_s: float, words: str) -> str:
    """Words that take the video to a moment."""
    return f'<button class="seek" data-seek="{time_s:.2f}">{escape(words)}</button>'


def _downloads(outcome: Outcome, lang: str) -> None:
    st.header(text("page.result.downloads", lang), anchor=False)
    with st.container(horizontal=True):
        for name, file, mime in _DOWNLOADS:
            path = outcome.folder / file
            if not path.is_file():
                continue
            st.download_button(
                text(f"page.download.{name}", lang),
                path.read_bytes,
                file_name=f"{outcome.analysis.path.stem}-{file}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"download {name}",
            )
    paragraph(text("page.result.downloads_note", lang), "quiet")
