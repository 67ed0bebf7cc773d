"""The page's server: what lives as long as the process, whatever the browser does."""

from __future__ import annotations

import gc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import streamlit as st

from posture.live.routes import sessions
from posture.locales import text
from posture.store import Store, open_store
from posture.ui.jobs import Board, open_board
from posture.ui.language import page_language
from posture.ui.review import Review

# An open recording is 100,000 things, at all of which Python's collector would look once or twice
# for each correction, a third of its time: now for one in many (chosen by us).
COLLECTED = (10_000, 10, 50)
SCRIPT = Path(__file__).with_name("page.py")


@cache
def board() -> Board[Review]:
    """Return the jobs of this process."""
    return open_board()


@cache
def history() -> Store:
    """Return the history of practice; opened when first asked for.

    Raises:
        PostureError: It cannot be opened.
    """
    return open_store()


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncGenerator[None, None]:
    """Stop all work and live practice, and delete all results when the server ends."""
    del app
    gc.set_threshold(*COLLECTED)
    jobs = board()
    try:
        yield
    finally:
        sessions().close()
        jobs.close()


def say_sorry(error: Exception) -> bool:
    """Show a sentence instead of a stack trace, which Streamlit has put into its log.

    Args:
        error: What nobody caught.

    Returns:
        Whether it was shown.
    """
    del error
    st.error(text("page.error.unexpected", page_language()), icon=":material/sentiment_worried:")
    return True
