"""The part of the result that shows two repetitions beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from posture.datatypes import Rep
from posture.exercises import get_exercise
from posture.locales import text
from posture.report.content import best_and_worst
from posture.ui.frame import palette, paragraph
from posture.ui.player.component import compare
from posture.ui.player.track import rep_title
from posture.ui.review import Review
from posture.ui.samples import shown_title
from posture.ui.series import curve_unit
from posture.ui.shelf import shelf
from posture.ui.wording import rep_lines

Choice = tuple[Review, Rep, str]


def compare_repetitions(review: Review, reviews: Sequence[Review], lang: str) -> None:
    """Show two repetitions aligned at their peaks; at first the best and the least good.

    Args:
        review: The recording that is looked at.
        reviews: All recordings to choose from.
        lang: Language of the page.
    """
    choices = [
        (other, rep, rep_title(rep, line.kind, line.size, line.verdict_words, lang))
        for other in reviews
        if other.film is not None
        for rep, line in zip(other.analysis.reps, rep_lines(other.analysis, lang), strict=True)
    ]
    if len(choices) < 2:
        return
    first, second = _first_choice(review, choices)
    with st.container(border=True, key="compare"):
        st.header(text("page.compare.heading", lang), anchor=False)
        paragraph(text("page.compare.lead", lang), "quiet")
        sides = []
        version = f"{id(review)} {review.corrections.to_json()}"
        for column, name, chosen in zip(
            st.columns(2, gap="medium"), ("left", "right"), (first, second), strict=True
        ):
            index = column.selectbox(
                text(f"page.compare.{name}", lang),
                range(len(choices)),
                index=chosen,
                format_func=lambda i: _label(choices[i], len(reviews) > 1, lang),
                key=f"compare {name} {version}",
            )
            sides.append(_side(choices[index]))
        compare(key="the pair", sides=sides, lang=lang, palette=palette())


def _first_choice(review: Review, choices: Sequence[Choice]) -> tuple[int, int]:
    own = [index for index, (other, _, _) in enumerate(choices) if other is review]
    best, worst = best_and_worst(review.analysis)
    if best is None or worst is None or not own:
        return 0, 1
    first, second = (next(i for i in own if choices[i][1] is rep) for rep in (best, worst))
    return first, second


def _label(choice: Choice, several: bool, lang: str) -> str:
    review, _, words = choice
    return f"{shown_title(review.name, lang)}: {words}" if several else words


def _side(choice: Choice) -> dict[str, Any]:
    review, rep, words = choice
    shares = curve_unit(get_exercise(review.analysis.request.exercise)) == "fraction"
    return {
        "film": shelf().put(review.film) if review.film is not None else "",
        "body": shelf().put(review.body),
        "curve": shelf().put(review.curve),
        "title": words,
        "unit": "\N{NO-BREAK SPACE}%" if shares else "°",
        "factor": 100 if shares else 1,
        "start": round(rep.start_s, 3),
        "peak": round(rep.peak_s, 3),
        "end": round(rep.end_s, 3),
    }
