"""``posture models``: list, fetch and verify the pose models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from posture.adapters.model_store import (
    MIRROR_VARIABLE,
    MODEL_NAMES,
    FetchProgress,
    FetchStep,
    ModelState,
    ModelStatus,
    ModelStore,
)
from posture.cli_language import lang_option
from posture.errors import ModelError
from posture.locales import text

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_DEFAULT_MODEL = "full"


@click.group()
def models() -> None:
    """The pose models: list, fetch, verify."""


@models.command("list")
@lang_option
def list_models(lang: str) -> None:
    """Say which pose models are on this computer."""
    for status in ModelStore().list():
        click.echo(_line(status, lang))


@models.command()
@click.argument("names", nargs=-1, type=click.Choice(MODEL_NAMES))
@click.option(
    "--mirror",
    metavar="PLACE",
    help="A .task file, a folder or an http(s) address to take the model from first "
    f"(or set {MIRROR_VARIABLE}).",
)
@lang_option
def fetch(names: tuple[str, ...], mirror: str | None, lang: str) -> None:
    """Get pose models (the usual one unless named); afterwards no network is needed."""
    wanted = tuple(dict.fromkeys(names)) or (_DEFAULT_MODEL,)
    store = ModelStore()
    for name in wanted:
        if store.status(name).state is ModelState.READY:
            click.echo(text("models.nothing_to_do", lang, name=name))
            continue
        with FetchDisplay(lang) as display:
            path = store.fetch(
                name, mirror=mirror, progress=display, keep_packages=name != wanted[-1]
            )
        click.echo(text("models.done", lang, name=name, path=path))


@models.command()
@click.argument("names", nargs=-1, type=click.Choice(MODEL_NAMES))
@lang_option
def verify(names: tuple[str, ...], lang: str) -> None:
    """Check pose models from end to end (all that are here unless named)."""
    statuses = [status for status in ModelStore().verify() if not names or status.name in names]
    for status in statuses:
        click.echo(_line(status, lang))
    bad = [
        status.name
        for status in statuses
        if status.state is ModelState.DAMAGED or (names and status.state is ModelState.MISSING)
    ]
    if bad:
        raise ModelError("error.model.not_whole", names=" ".join(bad))


def ensure_model(name: str, lang: str) -> Path:
    """Return a pose model's file; where it is missing, fetch it first and show how that goes.

    Raises:
        ModelError: It is damaged, or no source gave it.
    """
    store = ModelStore()
    if store.status(name).state is ModelState.MISSING:
        with FetchDisplay(lang) as display:
            return store.fetch(name, progress=display)
    return store.path(name)


class FetchDisplay:
    """Shows a fetch on stderr: a bar at a terminal, one line for each step elsewhere.

    Args:
        lang: Language of what is said.
        console: Where to show it; stderr unless given.
    """

    def __init__(self, lang: str, console: Console | None = None) -> None:
        self._lang = lang
        self._console = console or Console(stderr=True, soft_wrap=True, highlight=False)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[amount]}"),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
            transient=True,
        )
        self._task = self._progress.add_task("", total=None, visible=False, amount="")
        self._shown: tuple[FetchStep, str | ModelError] | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def __call__(self, progress: FetchProgress) -> None:
        """Show one sign of life."""
        step = (progress.step, progress.detail)
        if step != self._shown and progress.step is not FetchStep.DONE:
            self._console.print(self._sentence(progress), markup=False, highlight=False)
        self._shown = step
        moving = progress.step in {FetchStep.MIRROR, FetchStep.OFFICIAL, FetchStep.PACKAGE}
        total = progress.total_bytes if progress.done_bytes > 0 else None
        amount = "" if total is None else f"{progress.done_bytes / 1e6:.1f} / {total / 1e6:.1f} MB"
        self._progress.update(
            self._task,
            description=progress.model,
            completed=progress.done_bytes,
            total=total,
            amount=amount,
            visible=moving,
            refresh=total is not None and progress.done_bytes == total,
        )

    def _sentence(self, progress: FetchProgress) -> str:
        return text(
            f"models.step.{progress.step}",
            self._lang,
            model=progress.model,
            detail=progress.detail,
            megabytes=(progress.total_bytes or 0) / 1e6,
        )


def _line(status: ModelStatus, lang: str) -> str:
    state = text(f"models.state.{status.state}", lang)
    about = text(f"models.about.{status.name}", lang)
    return f"{status.name:<6} {status.size_bytes / 1e6:5.1f} MB  {state}  ({about})"
