"""The first view: which video, which exercise, where neutral is."""

from __future__ import annotations

import logging
import shutil
from html import escape
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import streamlit as st

from posture.datatypes import TimeWindow
from posture.errors import InputError, OutputError
from posture.exercises import exercise_ids
from posture.locales import lines, text
from posture.resources import sample_videos
from posture.ui.frame import paragraph
from posture.ui.samples import exercise_of, in_order, sample_label, shown_title
from posture.ui.server import board
from posture.ui.wording import exercise_name, joined
from posture.ui.work import Order, work_on

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

logger = logging.getLogger(__name__)

SAMPLE, OWN = "sample", "own"
ENDINGS = ["mp4", "m4v", "mov", "webm", "mkv", "avi", "gif", "3gp", "mts", "mpg", "mpeg", "wmv"]
LONGEST_NAME = 80


def choose(lang: str) -> list[str]:
    """Show the choices.

    Args:
        lang: Language of the page.

    Returns:
        Ids of the jobs that the user started just now.
    """
    st.title(text("page.choose.heading", lang), anchor=False)
    paragraph(text("page.choose.lead", lang), "lead")
    form, preview = st.columns([6, 5], gap="medium")
    with form, st.container(border=True):
        source = st.segmented_control(
            text("page.choose.source", lang),
            (SAMPLE, OWN),
            default=SAMPLE,
            required=True,
            format_func=lambda key: text(f"page.choose.{key}", lang),
            key="source",
            width="stretch",
        )
        video: Path | None = None
        uploads: list[UploadedFile] = []
        exercise: str | None = None
        if source == OWN:
            uploads = _uploads(lang)
            exercise = st.selectbox(
                text("page.choose.exercise", lang),
                (None, *exercise_ids()),
                format_func=lambda each: (
                    text("page.choose.guess", lang) if each is None else exercise_name(each, lang)
                ),
                key="exercise",
            )
        else:
            video = _sample(lang)
            if video is not None:
                exercise = exercise_of(video)
        neutral, fits = _neutral(lang) if source == OWN else (None, True)
        ready = fits and (video is not None or bool(uploads))
        started = st.button(
            _start_label(source, len(uploads), lang),
            type="primary",
            width="stretch",
            disabled=not ready,
            icon=":material/play_arrow:",
            key="start",
        )
    with preview:
        if video is not None:
            st.video(
                str(video),
                loop=True,
                autoplay=True,
                muted=True,
                alt=sample_label(video, lang),
            )
        else:
            _guide(exercise, lang)
    _promises(lang)
    if not started:
        return []
    if video is not None:
        return [_start(Order(video.resolve(), video.name, exercise, neutral))]
    return [_start_upload(upload, exercise, neutral) for upload in uploads]


def offer_left(lang: str) -> list[str]:
    """Offer again what a server that was killed had not finished.

    Args:
        lang: Language of the page.

    Returns:
        Ids of the jobs that the user wants to go on with.
    """
    orders = _left_orders()
    if not orders:
        return []
    names = joined([shown_title(order.name, lang) for _, order in orders.values()], lang)
    with st.container(border=True, key="left"):
        st.header(text("page.left.heading", lang), anchor=False)
        paragraph(text("page.left.lead", lang, names=names), "quiet")
        with st.container(horizontal=True):
            go_on = st.button(
                text("page.left.go_on", lang),
                type="primary",
                icon=":material/play_arrow:",
                key="go on",
            )
            if st.button(text("page.left.delete", lang), icon=":material/delete:", key="let go"):
                for job_id in orders:
                    board().remove(job_id)
                st.rerun()
    if not go_on:
        return []
    return [_submit(job_id, folder, order) for job_id, (folder, order) in orders.items()]


def _left_orders() -> dict[str, tuple[Path, Order]]:
    orders = {}
    for job_id, (folder, line) in board().left().items():
        try:
            orders[job_id] = (folder, Order.from_json(line))
        except InputError:
            logger.info("What an interrupted job left cannot be read", exc_info=True)
            board().remove(job_id)
    return orders


def safe_name(name: str) -> str:
    """Return an uploaded file's name without folders, short enough for every file system."""
    plain = PurePath(name.replace("\\", "/")).name.replace("\0", "").lstrip(".")
    path = PurePath(plain or "video")
    return path.stem[:LONGEST_NAME] + path.suffix[:12]


def _sample(lang: str) -> Path | None:
    samples = in_order(sample_videos())
    if not samples:
        st.warning(text("page.choose.no_samples", lang))
        return None
    video = samples[0]
    if len(samples) > 1:
        video = st.selectbox(
            text("page.choose.which_sample", lang),
            samples,
            format_func=lambda video: sample_label(video, lang),
            key="sample",
        )
    paragraph(text("page.choose.sample_note", lang), "quiet")
    return video


def _uploads(lang: str) -> list[UploadedFile]:
    uploads = st.file_uploader(
        text("page.choose.upload", lang),
        type=ENDINGS,
        accept_multiple_files=True,
        key="upload",
    )
    if not uploads:
        paragraph(text("page.choose.upload_empty", lang), "quiet")
    return uploads


def _neutral(lang: str) -> tuple[TimeWindow | None, bool]:
    """Ask where neutral is; return it (``None``: find it), and whether it makes sense."""
    with st.expander(text("page.choose.more", lang)):
        paragraph(text("page.choose.neutral", lang), "quiet")
        by_hand = st.radio(
            text("page.choose.more", lang),
            (False, True),
            format_func=lambda chosen: text(
                f"page.choose.neutral_{'choose' if chosen else 'find'}", lang
            ),
            label_visibility="collapsed",
            key="neutral by hand",
        )
        if not by_hand:
            return None, True
        left, right = st.columns(2)
        start_s = left.number_input(
            text("page.choose.neutral_from", lang), 0.0, 36000.0, 0.0, 0.5, key="neutral from"
        )
        end_s = right.number_input(
            text("page.choose.neutral_to", lang), 0.0, 36000.0, 2.0, 0.5, key="neutral to"
        )
        if start_s < end_s:
            return TimeWindow(start_s, end_s), True
        st.warning(text("page.choose.neutral_wrong", lang))
        return None, False


def _start_label(source: str, count: int, lang: str) -> str:
    if source == SAMPLE:
        return text("page.choose.start_sample", lang)
    if count > 1:
        return text("page.choose.start_several", lang, count=count)
    return text("page.choose.start", lang)


def _start_upload(upload: UploadedFile, exercise: str | None, neutral: TimeWindow | None) -> str:
    job_id, folder = board().make_folder()
    video = _copied(upload, folder).relative_to(folder)
    return _submit(job_id, folder, Order(video, upload.name, exercise, neutral))


def _copied(upload: UploadedFile, folder: Path) -> Path:
    """Put an uploaded video where its job finds it.

    Raises:
        OutputError: There is no room.
    """
    video = folder / "input" / safe_name(upload.name)
    try:
        video.parent.mkdir()
        with video.open("wb") as copy:
            shutil.copyfileobj(upload, copy, 1 << 20)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise OutputError(
            "error.result.no_room", name=upload.name, folder=folder.parent, why=error.strerror
        ) from error
    return video


def _start(order: Order) -> str:
    job_id, folder = board().make_folder()
    return _submit(job_id, folder, order)


def _submit(job_id: str, folder: Path, order: Order) -> str:
    return board().submit(job_id, order.name, work_on(order, folder), order=order.to_json()).id


def _guide(exercise: str | None, lang: str) -> None:
    """Show how the exercise goes, and how to film it."""
    if exercise is None:
        st.header(text("page.choose.tips_heading", lang), anchor=False)
        st.markdown("\n".join(f"- {tip}" for tip in lines("page.choose.tips", lang)))
        paragraph(text("page.choose.guess_note", lang), "quiet")
        return
    st.header(exercise_name(exercise, lang), anchor=False)
    said = f"exercise.{exercise}"
    st.markdown(text(f"{said}.start", lang))
    st.markdown("\n".join(f"1. {step}" for step in lines(f"{said}.how", lang)))
    st.header(text("page.choose.tips_heading", lang), anchor=False)
    tips = (text(f"{said}.camera", lang), *lines("page.choose.tips", lang))
    st.markdown("\n".join(f"- {tip}" for tip in tips))
    for key in ("sees", "cannot", "care"):
        paragraph(text(f"{said}.{key}", lang), "quiet")


def _promises(lang: str) -> None:
    blocks = "".join(
        f'<div class="promise"><h2>{escape(text(f"page.promise.{name}_heading", lang))}</h2>'
        f"<p>{escape(text(f'page.promise.{name}', lang))}</p></div>"
        for name in ("private", "honest", "yours")
    )
    st.html(f'<div class="row">{blocks}</div>')
