"""The days with practice as a small calendar, and what there is to say about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from html import escape

from posture.locales import lines, text
from posture.store.progress import PracticeDay, streak
from posture.ui.wording import day_words

# From so many minutes on a day is as dark as can be.
FULL_S = 15 * 60.0


def streak_words(days: Sequence[PracticeDay], today: date, lang: str) -> str:
    """Say in how many weeks in a row there was practice; no word of what was missed."""
    found = streak(days, today)
    if found.weeks < 2:
        key = "days_none" if not found.days_this_week else "days"
        return text(f"page.history.{key}", lang, days=found.days_this_week)
    return text("page.history.weeks", lang, weeks=found.weeks, days=found.days_this_week)


def calendar_html(days: Sequence[PracticeDay], first: date, today: date, lang: str) -> str:
    """Return a table with a column for each week and a row for each weekday.

    Args:
        days: The days with practice.
        first: The first day shown, a Monday.
        today: The last day shown.
        lang: Language of the words in it.
    """
    practised = {day.day: day for day in days}
    weeks = range((today - first).days // 7 + 1)
    rows = []
    for weekday, name in enumerate(lines("page.history.weekdays", lang)):
        cells = "".join(
            _cell(first + timedelta(weeks=week, days=weekday), practised, today, lang)
            for week in weeks
        )
        rows.append(f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>')
    return f'<table class="days"><tbody>{"".join(rows)}</tbody></table>'


def _cell(day: date, practised: dict[date, PracticeDay], today: date, lang: str) -> str:
    if day > today:
        return "<td></td>"
    found = practised.get(day)
    if found is None:
        return f'<td><span title="{escape(day_words(day, lang))}"></span></td>'
    share = 0.35 + 0.65 * min(found.seconds / FULL_S, 1.0)
    words = text(
        "page.history.day",
        lang,
        day=day_words(day, lang),
        sessions=found.sessions,
        reps=found.reps,
    )
    label = escape(words)
    return (
        f'<td><span class="done" role="img" aria-label="{label}" title="{label}" '
        f'style="--share:{share:.2f}"></span></td>'
    )
