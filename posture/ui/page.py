"""The page: choose a video, watch the work, see the result. Streamlit runs this file."""

from __future__ import annotations

import streamlit as st

from posture.errors import PostureError
from posture.locales import text
from posture.ui.choose import choose, offer_left
from posture.ui.frame import ICON, foot, top
from posture.ui.history import show_history
from posture.ui.language import page_language
from posture.ui.live import live
from posture.ui.result import refusal, results
from posture.ui.server import board
from posture.ui.watch import watch
from posture.ui.way import HISTORY, LIVE, choose_way, way

JOB = "job"


def main() -> None:
    """Show the view that fits the jobs named in the page's address."""
    lang = page_language()
    st.set_page_config(
        page_title=text("page.title", lang),
        page_icon=str(ICON),
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    top(lang)
    choose_way(lang)
    try:
        if way() == LIVE:
            live(lang)
        elif way() == HISTORY:
            show_history(lang)
        else:
            _view(lang)
    except PostureError as error:
        refusal(error, lang)
    foot(lang)


def _view(lang: str) -> None:
    named = st.query_params.get_all(JOB)
    jobs = [job for job_id in named if (job := board().get(job_id)) is not None]
    if named and not jobs:
        st.query_params.pop(JOB, None)
        if board().left().keys().isdisjoint(named):
            st.session_state["notice"] = "page.result.gone"
    if not jobs:
        notice = st.session_state.pop("notice", None)
        if notice:
            st.info(text(notice, lang), icon=":material/info:")
        started = offer_left(lang) or choose(lang)
        if started:
            st.query_params[JOB] = started
            st.rerun()
    elif all(job.state.stage.finished for job in jobs):
        results(jobs, lang)
    else:
        watch(jobs, lang)


if __name__ == "__main__":
    main()
