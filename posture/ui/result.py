"""The third view: what the camera saw, in pictures, a curve and plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape
from pathlib import Path

import streamlit as st

from posture.analysis import Analysis
from posture.errors import PostureError
from posture.locales import text
from posture.recording import ANNOTATED, REPORT, REPORT_PDF, REPS, SUMMARY, TIMELINE
from posture.report.page import svg
from posture.report.plots import heading_key, plots
from posture.ui.compare import compare_repetitions
from posture.ui.curve_words import curve_notes
from posture.ui.frame import palette, paragraph
from posture.ui.jobs import Job
from posture.ui.palette import SIGNS
from posture.ui.player.component import player
from posture.ui.player.track import story
from posture.ui.put_right import REFUSED, marked, put_right
from posture.ui.review import Review
from posture.ui.samples import shown_title
from posture.ui.server import board, history
from posture.ui.shelf import shelf
from posture.ui.wording import (
    RepLine,
    exercise_name,
    losses,
    noticed,
    number,
    remarks,
    rep_columns,
    rep_lines,
    summary,
    tiles,
)

# A browser draws all that it has been sent in one go: what follows the curve is sent once the curve
# is on its way, and not later than this.
CURVE_FIRST_S = 1.0
_DRAWN = "drawn review"

_REPORTS = (
    ("report_pdf", REPORT_PDF, "application/pdf"),
    ("report", REPORT, "text/html"),
)
_FILES = (
    ("timeline", TIMELINE, "text/csv"),
    ("reps", REPS, "application/json"),
    ("summary", SUMMARY, "application/json"),
)


def results(jobs: Sequence[Job[Review]], lang: str) -> None:
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
            format_func=lambda index: _job_label(jobs[index], lang),
            key="which result",
        )
        job = jobs[chosen]
    review = job.state.result
    if review is None:
        refusal(job.state.error, lang)
        return
    reviews = [done for other in jobs if (done := other.state.result) is not None]
    result(review, reviews, lang)


def start_over(jobs: Sequence[Job[Review]]) -> None:
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
        paragraph(error.said(lang), "said")


def result(review: Review, reviews: Sequence[Review], lang: str) -> None:
    """Show one recording.

    Args:
        review: The recording.
        reviews: All recordings that it may be compared with, itself among them.
        lang: Language of the page.
    """
    analysis = review.analysis
    sentences = summary(analysis, lang)
    exercise = exercise_name(analysis.request.exercise, lang)
    name = shown_title(review.name, lang)
    titled = name.startswith(exercise)
    paragraph(name if titled else " · ".join(filter(None, (name, exercise))), "quiet")
    _proposal(review, lang)
    st.html("".join(f'<p class="said">{escape(sentence)}</p>' for sentence in sentences))
    figures = "".join(
        f'<div class="figure"><dt>{escape(tile.label)}</dt>'
        f'<dd class="value">{escape(tile.value)}</dd>'
        f'<dd class="note">{escape(tile.note)}</dd></div>'
        for tile in tiles(analysis, lang)
    )
    st.html(f'<dl class="row figures">{figures}</dl>')
    with st.container(key="player"):
        st.header(text("page.result.curve", lang), anchor=False)
        _player(review, lang)
        paragraph(curve_notes(analysis, lang), "quiet")
    if review.correctable:
        put_right(review, lang)
    with st.container(border=True, key="repetitions"):
        st.header(text("page.result.repetitions", lang), anchor=False)
        _repetitions(analysis, lang)
    _plots(analysis, lang)
    compare_repetitions(review, reviews, lang)
    about, lost = st.columns(2, gap="medium")
    with about, st.container(border=True, height="stretch"):
        st.header(text("page.result.how", lang), anchor=False)
        for remark in remarks(analysis, lang):
            paragraph(remark, "quiet")
    with lost, st.container(border=True, key="losses", height="stretch"):
        st.header(text("page.result.losses", lang), anchor=False)
        _losses(analysis, lang)
    _keep(review, lang)


def _proposal(review: Review, lang: str) -> None:
    """Say which exercise it seems to be where nobody named one; only the person decides."""
    if review.guess is None or review.corrections or review.session_id:
        return
    now = review.original.request.exercise
    guessed = review.guess.exercise
    names = {"now": exercise_name(now, lang), "guessed": exercise_name(guessed or now, lang)}
    key = "unknown" if guessed is None else "same" if guessed == now else "other"
    with (
        st.container(border=True, key="guess"),
        st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ),
    ):
        st.markdown(text(f"page.guess.{key}", lang, **names), width="stretch")
        st.button(
            text(f"page.guess.{key}_accept", lang, **names),
            type="primary",
            icon=":material/check:",
            key="accept guess",
            on_click=_settle,
            args=(review, guessed or now),
        )


def _settle(review: Review, exercise: str) -> None:
    try:
        review.settle(exercise)
    except PostureError as error:
        st.session_state[REFUSED] = error


def _job_label(job: Job[Review], lang: str) -> str:
    title = shown_title(job.title, lang)
    return (
        title if job.state.result is not None else f"{title} – {text('page.result.failed', lang)}"
    )


def _player(review: Review, lang: str) -> None:
    key = "the player"
    curve = shelf().put(review.curve)
    times = shelf().times_fetched(curve)
    player(
        key=key,
        film=shelf().put(review.film) if review.film is not None else "",
        body=shelf().put(review.body),
        curve=curve,
        story=story(review.analysis, lang, correctable=review.correctable),
        lang=lang,
        palette=palette(),
        on_marked=lambda: marked(review, key),
    )
    if st.session_state.get(_DRAWN) is not review:
        st.session_state[_DRAWN] = review
        shelf().wait_until_fetched(curve, times + 1, CURVE_FIRST_S)


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
        _table(rows, rep_columns(analysis.request.exercise, lang))
    else:
        paragraph(text("page.result.none", lang), "quiet")
    also = noticed(analysis, lang)
    if also:
        st.header(text("page.result.noticed", lang), anchor=False)
        items = "".join(
            f"<li>{_seek(item.time_s, item.when)} {escape(item.words)}</li>" for item in also
        )
        st.html(f'<ul class="losses">{items}</ul>')


def _plots(analysis: Analysis, lang: str) -> None:
    found = plots(analysis, lang, palette())
    if not found:
        return
    with st.container(border=True, key="plots"):
        st.header(text(f"report.{heading_key(found)}", lang), anchor=False)
        figures = "".join(
            f"<figure>{svg(plot, plot.alt)}<figcaption><b>{escape(plot.heading)}.</b> "
            f"{escape(plot.note)}</figcaption></figure>"
            for plot in found
        )
        st.markdown(f'<div class="plots">{figures}</div>', unsafe_allow_html=True)


def _table(rows: Sequence[RepLine], columns: Mapping[str, str]) -> None:
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in columns.values())
    body = "".join(f"<tr>{''.join(_cells(row)[column] for column in columns)}</tr>" for row in rows)
    st.html(f'<table class="reps"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')


def _cells(row: RepLine) -> dict[str, str]:
    """Every column that a table of repetitions may have."""
    sign = f'<b aria-hidden="true">{SIGNS[row.verdict]}</b>'
    return {
        "number": f"<td>{row.number}</td>",
        "kind": f"<td>{escape(row.kind)}</td>",
        "when": f"<td>{_seek(row.start_s, row.when)}</td>",
        "size": f"<td>{escape(row.size)}</td>",
        "verdict": f'<td><span class="verdict {row.verdict}">{sign}'
        f"{escape(row.verdict_words)}</span></td>",
        "remarks": f'<td class="remarks">{escape(" ".join(row.remarks))}</td>',
    }


def _seek(time_s: float, words: str) -> str:
    """Words that take the video to a moment."""
    return f'<button class="seek" data-seek="{time_s:.3f}">{escape(words)}</button>'


def _keep(review: Review, lang: str) -> None:
    st.header(text("page.result.downloads", lang), anchor=False)
    _keep_in_history(review, lang)
    stem = Path(review.name).stem
    with st.container(horizontal=True):
        for name, file, mime in _REPORTS:
            st.download_button(
                text(f"page.download.{name}", lang),
                partial(review.report, file, lang),
                file_name=f"{stem}-{file}",
                mime=mime,
                icon=":material/description:",
                on_click="ignore",
                key=f"download {name}",
            )
        if review.film is not None:
            st.download_button(
                text("page.download.annotated", lang),
                partial(review.annotated, lang),
                file_name=f"{stem}-{ANNOTATED}",
                mime="video/mp4",
                icon=":material/download:",
                on_click="ignore",
                key="download annotated",
            )
        for name, file, mime in _FILES:
            st.download_button(
                text(f"page.download.{name}", lang),
                partial(review.file, file),
                file_name=f"{stem}-{file}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"download {name}",
            )
    if review.film is not None:
        paragraph(text("page.result.downloads_made", lang), "quiet")
    if not review.session_id:
        paragraph(text("page.result.downloads_note", lang), "quiet")


def _keep_in_history(review: Review, lang: str) -> None:
    if review.session_id:
        paragraph(text("page.result.kept", lang), "quiet")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = st.button(
            text("page.result.keep", lang),
            icon=":material/bookmark_add:",
            type="primary",
            key="keep",
        )
        with_video = review.film is not None and st.checkbox(
            text("page.result.keep_video", lang), key="keep video"
        )
    if wanted:
        review.keep(history(), with_video=with_video)
        st.rerun()
