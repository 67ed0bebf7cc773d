"""The first view: which video, which exercise, where neutral is."""

from __future__ import annotations

import shutil
from html import escape
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import streamlit as st

from posture.analysis import Request
from posture.datatypes import TimeWindow
from posture.errors import OutputError
from posture.exercises import exercise_ids
from posture.locales import lines, text
from posture.resources import sample_videos
from posture.ui.frame import paragraph
from posture.ui.samples import exercise_of, in_order, sample_label
from posture.ui.server import board
from posture.ui.wording import exercise_name
from posture.ui.work import analysis_of

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

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
        exercise = exercise_ids()[0]
        if source == OWN:
            uploads = _uploads(lang)
            exercise = st.selectbox(
                text("page.choose.exercise", lang),
                exercise_ids(),
                format_func=lambda exercise_id: exercise_name(exercise_id, lang),
                key="exercise",
            )
        else:
            video = _sample(lang)
            if video is not None:
                exercise = exercise_of(video)
        neutral, fits = _neutral(lang)
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
    request = Request(exercise=exercise, neutral=neutral)
    if video is not None:
        return [_start(video.name, video, request)]
    return [_start_upload(upload, request) for upload in uploads]


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


def _start_upload(upload: UploadedFile, request: Request) -> str:
    job_id, folder = board().make_folder()
    work = analysis_of(_copied(upload, folder), upload.name, request, folder)
    return board().submit(job_id, upload.name, work).id


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
            f"There is no room for {upload.name} in {folder.parent} ({error.strerror}); make some, "
            "or set the environment variable TMPDIR to another folder."
        ) from error
    return video


def _start(title: str, video: Path, request: Request) -> str:
    job_id, folder = board().make_folder()
    return board().submit(job_id, title, analysis_of(video, title, request, folder)).id


def _guide(exercise: str, lang: str) -> None:
    """Show how the exercise goes, and how to film it."""
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
