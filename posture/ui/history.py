"""The history: what was practised when, found again, opened, and how it develops."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import date, timedelta
from functools import cache

import streamlit as st

from posture.errors import PostureError
from posture.exercises import exercise_ids
from posture.live.routes import journals_folder
from posture.live_history import keep_practices
from posture.locales import text
from posture.store import SessionRecord, Store
from posture.store.progress import practice_days, trends
from posture.ui.calendar import calendar_html, streak_words
from posture.ui.frame import palette, paragraph
from posture.ui.result import result
from posture.ui.review import Review, review_of_session
from posture.ui.samples import shown_title
from posture.ui.server import history
from posture.ui.way import SESSION
from posture.ui.wording import day_words, exercise_name, time_of_day

AT_ONCE = 10
CALENDAR_WEEKS = 13
MOST_OPEN = 4
OTHERS = 20


def show_history(lang: str) -> None:
    """Show one session when the address names it, else all of them."""
    session_id = st.query_params.get(SESSION)
    if session_id is None:
        keep_practices(history(), journals_folder())
        _overview(history(), lang)
        return
    try:
        _session(history(), session_id, lang)
    except PostureError:
        st.query_params.pop(SESSION, None)
        raise


class Opened:
    """The sessions that were opened lately, ready to be shown again.

    Args:
        most: So many at once.
    """

    def __init__(self, most: int = MOST_OPEN) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._reviews: OrderedDict[str, Review] = OrderedDict()

    def get(self, store: Store, session_id: str) -> Review:
        """Return a session, opened if it is not.

        Raises:
            InputError: It is gone or damaged, or only its numbers were kept.
        """
        with self._lock:
            review = self._reviews.pop(session_id, None)
            review = review or review_of_session(store, session_id)
            self._reviews[session_id] = review
            while len(self._reviews) > self._most:
                self._reviews.popitem(last=False)
            return review

    def forget(self, session_id: str) -> None:
        """Let go of a session."""
        with self._lock:
            self._reviews.pop(session_id, None)


@cache
def opened() -> Opened:
    """Return the open sessions of this process."""
    return Opened()


# --- all sessions -------------------------------------------------------------------------------


def _overview(store: Store, lang: str) -> None:
    st.title(text("page.history.heading", lang), anchor=False)
    words, exercise = _filters(lang)
    page = _page_number((words, exercise))
    found = store.find(words, exercise=exercise, limit=AT_ONCE, offset=page * AT_ONCE)
    if not found.total:
        key = "none_found" if words or exercise else "empty"
        paragraph(text(f"page.history.{key}", lang), "lead")
        if not words and exercise is None:
            return
    with st.container(key="sessions", gap="small"):
        for record in found.sessions:
            _row(record, lang)
    _pages(found.total, page, lang)
    if exercise is not None:
        _trends(store, exercise, lang)
    elif found.sessions:
        paragraph(text("page.history.trend_how", lang), "quiet")
    _calendar(store, lang)


def _filters(lang: str) -> tuple[str, str | None]:
    search, which = st.columns([3, 2], gap="medium")
    words = search.text_input(text("page.history.search", lang), key="history search")
    exercise = which.selectbox(
        text("page.history.exercise", lang),
        (None, *exercise_ids()),
        format_func=lambda each: (
            text("page.history.all", lang) if each is None else exercise_name(each, lang)
        ),
        key="history exercise",
    )
    return words, exercise


def _page_number(asked: tuple[str, str | None]) -> int:
    """Return which page is shown: the first one whenever something else is asked for."""
    if st.session_state.get("history asked") != asked:
        st.session_state["history asked"] = asked
        st.session_state["history page"] = 0
    return int(st.session_state["history page"])


def _row(record: SessionRecord, lang: str) -> None:
    with (
        st.container(border=True),
        st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ),
    ):
        with st.container(width="stretch", gap=None):
            name = exercise_name(record.exercise, lang)
            st.markdown(f"**{_when(record, lang)}** ·\N{NO-BREAK SPACE}{name}")
            paragraph(_facts(record, lang), "quiet")
        st.button(
            text("page.history.open", lang),
            key=f"open {record.id}",
            on_click=_go_to,
            args=(record.id,),
        )


def _when(record: SessionRecord, lang: str) -> str:
    local = record.started_at.astimezone()
    return f"{day_words(local.date(), lang)}, {time_of_day(local)}"


def _facts(record: SessionRecord, lang: str) -> str:
    facts = [
        text(
            f"page.history.{'reps_one' if len(record.reps) == 1 else 'reps'}",
            lang,
            count=len(record.reps),
            good=record.good_reps,
        ),
        *([shown_title(record.video_name, lang)] if record.video_name else []),
        *([text("page.history.corrected", lang)] if record.corrections else []),
        *(f"#{tag}" for tag in record.tags),
    ]
    return " · ".join(facts)


def _go_to(session_id: str) -> None:
    st.query_params[SESSION] = session_id


def _pages(total: int, page: int, lang: str) -> None:
    if total <= AT_ONCE:
        return

    def turn(by: int) -> None:
        st.session_state["history page"] = page + by

    first, last = page * AT_ONCE + 1, min(total, (page + 1) * AT_ONCE)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            text("page.history.newer", lang),
            disabled=page == 0,
            key="newer",
            on_click=turn,
            args=(-1,),
        )
        st.button(
            text("page.history.older", lang),
            disabled=last >= total,
            key="older",
            on_click=turn,
            args=(1,),
        )
        paragraph(text("page.history.shown", lang, first=first, last=last, total=total), "quiet")


def _trends(store: Store, exercise: str, lang: str) -> None:
    # Loading the charts takes half a second, and most visits have none.
    from posture.ui.trend import is_counted, trend_chart, trend_words  # noqa: PLC0415

    found = [trend for trend in trends(store, exercise) if len(trend.points) > 1]
    with st.container(border=True, key="trends"):
        st.header(text("page.history.trend", lang), anchor=False)
        if not found:
            paragraph(text("page.history.trend_none", lang), "quiet")
        for trend in found:
            words = trend_words(trend, lang)
            st.markdown(words)
            st.altair_chart(trend_chart(trend, lang, palette()), width="stretch", alt=words)
        if found:
            key = "trend_note_counted" if is_counted(found[0]) else "trend_note"
            paragraph(text(f"page.history.{key}", lang), "quiet")


def _calendar(store: Store, lang: str) -> None:
    today = date.today()  # noqa: DTZ011 - the day where the person is
    first = today - timedelta(days=today.weekday(), weeks=CALENDAR_WEEKS - 1)
    days = practice_days(store, first, today)
    with st.container(border=True, key="calendar"):
        st.header(text("page.history.calendar", lang), anchor=False)
        paragraph(streak_words(days, today, lang), "quiet")
        st.html(calendar_html(days, first, today, lang))


# --- one session --------------------------------------------------------------------------------


def _session(store: Store, session_id: str, lang: str) -> None:
    record = store.get(session_id)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.title(_when(record, lang), anchor=False, width="content")
        if st.button(text("page.history.back", lang), icon=":material/arrow_back:", key="back"):
            _leave()
    review: Review | None = None
    if record.samples_sha256:
        review = opened().get(store, session_id)
        result(review, [review, *_other(store, record, lang)], lang)
    else:
        paragraph(text("page.history.numbers_only", lang), "lead")
        paragraph(_facts(record, lang), "quiet")
    _remember(store, record, lang)
    _delete(store, record, lang)


def _other(store: Store, record: SessionRecord, lang: str) -> list[Review]:
    """Let the user choose another session to take repetitions from."""
    others = [
        other
        for other in store.find(exercise=record.exercise, limit=OTHERS).sessions
        if other.id != record.id and other.video_file and other.samples_sha256
    ]
    if not record.video_file or not others:
        return []
    chosen = st.selectbox(
        text("page.history.compare", lang),
        (None, *others),
        format_func=lambda each: (
            text("page.history.compare_none", lang) if each is None else _when(each, lang)
        ),
        key=f"compare with {record.id}",
    )
    return [] if chosen is None else [opened().get(store, chosen.id)]


def _remember(store: Store, record: SessionRecord, lang: str) -> None:
    with st.form("own words"):
        st.header(text("page.history.own", lang), anchor=False)
        notes = st.text_area(text("page.history.notes", lang), record.notes)
        tags = st.text_input(text("page.history.tags", lang), ", ".join(record.tags))
        if st.form_submit_button(text("page.history.save", lang)):
            store.annotate(record.id, notes=notes, tags=tags.split(","))
            st.toast(text("page.history.saved", lang))


def _delete(store: Store, record: SessionRecord, lang: str) -> None:
    with st.expander(text("page.history.delete", lang), icon=":material/delete:"):
        st.markdown(text("page.history.delete_sure", lang))
        if st.button(text("page.history.delete_yes", lang), key="delete session"):
            store.delete(record.id)
            opened().forget(record.id)
            _leave()


def _leave() -> None:
    st.query_params.pop(SESSION, None)
    st.rerun()
