"""How quick the history is with 100 and with 10,000 sessions.

    python -m benchmarks.history [--sessions 100 10000] [--url ADDRESS] [--page]

Fills an empty history with made-up sessions of six repetitions each, three in two days for as long
as that takes (rows only, which is what lists and searches read), and prints the median time of each
thing the page asks for, the page's data together, and how much it grows. ``--url`` names another,
empty database. ``--page`` opens the page itself in a headless Chromium instead, which needs the
development dependencies: from the address to list and calendar, from the choice of an exercise to
its trends drawn, and from a search to what it found.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import nan
from pathlib import Path
from statistics import median

from playwright.sync_api import Page

from benchmarks.live import served
from benchmarks.review import browser_page
from posture.datatypes import Rep, RepKind, Verdict
from posture.exercises import exercise_ids
from posture.resources import app_path
from posture.store import SessionRecord, Source, Store, open_store
from posture.store.archive import export_archive, import_archive
from posture.store.progress import practice_days, streak, trends
from posture.store.records import new_id
from posture.ui.history import AT_ONCE

ROUNDS = 15
PAGE_LIMIT_S = 1.0
SEARCH_LIMIT_S = 0.3
GROWTH_LIMIT = 2.0
PAGE_ROUNDS = 5
HISTORY_PAGE = "?view=history"
ROW = ".st-key-sessions [class*=st-key-open-]"
CALENDAR = ".st-key-calendar table.days"
CHART = ".st-key-trends [data-testid=stVegaLiteChart] :is(canvas, svg)"
REPS = 6
PER_DAY = 1.5
WORDS = (
    *("calm", "steady", "stiff", "morning", "evening", "after", "work", "back", "warm", "tired"),
    *("soft", "breath", "lesson", "teacher", "mirror", "slow", "left", "right", "better", "floor"),
)
SUMMARY = {f"value_{number}": number * 1.5 for number in range(60)}


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds that each thing takes, the median of several."""

    sessions: int
    parts: dict[str, float]

    @property
    def page(self) -> float:
        """Everything the page shows at first."""
        names = ("the page's list", "trends of one exercise", "calendar of twelve weeks")
        return sum(self.parts[name] for name in names)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, nargs="+", default=[100, 10_000])
    parser.add_argument("--url", help="an empty database")
    parser.add_argument("--page", action="store_true", help="in a browser")
    options = parser.parse_args()
    if options.page:
        pages(sorted(options.sessions))
        return
    found = []
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(options.url, folder=Path(folder)) as store,
    ):
        filled = 0
        for sessions in sorted(options.sessions):
            began_s = time.perf_counter()
            fill(store, filled, sessions)
            print(f"{sessions - filled} sessions added in {time.perf_counter() - began_s:.1f} s")
            filled = sessions
            found.append(measure(store, sessions, Path(folder), options.url))
    for timings in found:
        print(f"\n{timings.sessions} sessions")
        for name, seconds in {**timings.parts, "the page's data": timings.page}.items():
            print(f"  {name:32} {1000 * seconds:8.1f} ms")
    last = found[-1]
    search_s = max(s for name, s in last.parts.items() if name.startswith("search"))
    print(f"\npage {last.page:.3f} s (at most {PAGE_LIMIT_S}), ", end="")
    print(f"search {search_s:.3f} s (at most {SEARCH_LIMIT_S}), ", end="")
    print(f"growth x {last.page / found[0].page:.1f} (at most {GROWTH_LIMIT})")


def fill(store: Store, filled: int, sessions: int) -> None:
    """Add made-up sessions until there are so many, each before those that are there."""
    chance = random.Random(filled)  # noqa: S311 - no secrets
    records = list(made_up(filled, sessions - filled, chance))
    for first in range(0, len(records), 500):
        store.add_all((record, None) for record in records[first : first + 500])


def made_up(first: int, count: int, chance: random.Random) -> Iterator[SessionRecord]:
    """Sessions with six repetitions, notes and tags."""
    now = datetime.now(UTC)
    for number in range(first, first + count):
        reps = tuple(
            Rep(
                place, (RepKind.FORWARD, RepKind.BACKWARD)[place % 2], 4.0 * place,
                4.0 * place + 1, 4.0 * place + 2, chance.uniform(5, 15), "deg",
                chance.choice(list(Verdict)), ("jerky",) if chance.random() < 0.2 else (),
            )
            for place in range(1, REPS + 1)
        )  # fmt: skip
        yield SessionRecord(
            id=new_id(),
            started_at=now - timedelta(days=number / PER_DAY),
            source=chance.choice(list(Source)),
            exercise=chance.choice(exercise_ids()),
            video_name=f"practice-{chance.randrange(10**6)}.mp4",
            duration_s=chance.uniform(60, 900),
            reading_share=chance.random(),
            tilt_forward_deg=10.0,
            tilt_backward_deg=-9.0,
            tilt_sd_deg=1.5,
            reps=reps,
            rep_sds=tuple(chance.choice((1.4, nan)) for _ in reps),
            summary=SUMMARY,
            notes=" ".join(chance.choices(WORDS, k=20)),
            tags=tuple({chance.choice(WORDS) for _ in range(2)}),
        )


def measure(store: Store, sessions: int, folder: Path, url: str | None) -> Timings:
    """Time each thing the page asks for."""
    today = datetime.now(UTC).date()
    asked: dict[str, Callable[[], object]] = {
        "opening": lambda: open_store(url, folder=folder).close(),
        "the page's list": lambda: store.find(limit=AT_ONCE),
        "first fifty": store.find,
        "last fifty": lambda: store.find(offset=sessions - 50),
        "first fifty of one exercise": lambda: store.find(exercise="standing-tilt"),
        "search, one common word": lambda: store.find("breath"),
        "search, three words": lambda: store.find("teacher floor Bekken"),
        "search, nothing found": lambda: store.find("nothingofthatkind"),
        "trends of one exercise": lambda: trends(store, "standing-tilt"),
        "calendar of twelve weeks": lambda: practice_days(store, today - timedelta(weeks=12)),
        "calendar of everything, streak": lambda: streak(practice_days(store), today),
    }
    parts = {name: timed(ask, ROUNDS) for name, ask in asked.items()}
    archive = folder / "backup.zip"
    parts["backup"] = timed(lambda: export_archive(store, archive), 1)
    parts["restore, all here already"] = timed(lambda: import_archive(store, archive), 1)
    return Timings(sessions, parts)


def pages(counts: list[int]) -> None:
    """Open the page with so many sessions; print what the person waits for."""
    found: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as name:
        folder, filled = Path(name), 0
        for count in counts:
            with open_store(folder=folder / "data" / "history") as store:
                fill(store, filled, count)
            filled = count
            with served(folder, [sys.executable], app_path()) as server, browser_page() as page:
                page.goto(server[0] + HISTORY_PAGE)
                page.locator(CALENDAR).wait_for()
                rounds = [waited(page, server[0] + HISTORY_PAGE) for _ in range(PAGE_ROUNDS)]
            found.append({what: median(each[what] for each in rounds) for what in rounds[0]})
            print(f"{count} sessions")
            for what, seconds in found[-1].items():
                print(f"  {what:32} {1000 * seconds:8.0f} ms")
    for what, seconds in found[-1].items():
        print(f"{what}: growth x {seconds / found[0][what]:.2f}")


def waited(page: Page, address: str) -> dict[str, float]:
    """What one visit waits for, seconds."""
    page.goto(address)
    page.locator(ROW).first.wait_for()
    page.locator(CALENDAR).wait_for()
    opened_s: float = page.evaluate("performance.now()") / 1000
    page.locator(".st-key-history-exercise").get_by_role("combobox").click()
    began_s = time.perf_counter()
    page.get_by_role("option").nth(1).click()
    page.locator(CHART).first.wait_for()
    trends_s = time.perf_counter() - began_s
    page.goto(address)
    page.locator(CALENDAR).wait_for()
    page.locator(".st-key-history-search input").fill("nothingofthatkind")
    began_s = time.perf_counter()
    page.keyboard.press("Enter")
    page.locator(ROW).first.wait_for(state="detached")
    return {
        "the page, opened": opened_s,
        "an exercise's trends": trends_s,
        "a search": time.perf_counter() - began_s,
    }


def timed(ask: Callable[[], object], rounds: int) -> float:
    """Median of several rounds, seconds."""
    taken = []
    for _ in range(rounds):
        began_s = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - began_s)
    return median(taken)


if __name__ == "__main__":
    main()
