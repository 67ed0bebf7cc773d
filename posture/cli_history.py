"""``posture history``: what is stored, and its backup."""

from __future__ import annotations

from pathlib import Path

import click

from posture.cli_language import lang_option
from posture.errors import UsageError
from posture.locales import text

_MOST_LISTED = 20


_url_option = click.option(
    "--url", metavar="ADDRESS", help="Address of the database; the user's own by default."
)


@click.group()
def history() -> None:
    """Look after the history of practice."""


@history.command("list")
@click.argument("words", nargs=-1)
@click.option("--limit", type=click.IntRange(1), default=_MOST_LISTED, show_default=True)
@_url_option
@lang_option
def list_sessions(words: tuple[str, ...], limit: int, url: str | None, lang: str) -> None:
    """List sessions, the latest first; WORDS must all stand in notes, tags, exercise or video."""
    from posture.store import open_store  # noqa: PLC0415 - keeps --help quick

    with open_store(url) as store:
        found = store.find(" ".join(words), limit=limit)
    for record in found.sessions:
        when = record.started_at.astimezone().strftime("%Y-%m-%d %H:%M")
        tags = " ".join(f"#{tag}" for tag in record.tags)
        reps = text("cli.history.reps", lang, count=len(record.reps), good=record.good_reps)
        name = text(f"exercise.{record.exercise}.name", lang)
        words_of = (record.id[:8], when, name, reps, record.video_name, tags)
        click.echo("  ".join(word for word in words_of if word))
    click.echo(text("cli.history.shown", lang, shown=len(found.sessions), total=found.total))


@history.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--videos", is_flag=True, help="Take the kept videos along.")
@_url_option
@lang_option
def backup(file: Path, videos: bool, url: str | None, lang: str) -> None:
    """Write every session into one FILE."""
    from posture.store import open_store  # noqa: PLC0415
    from posture.store.archive import export_archive  # noqa: PLC0415

    if file.exists():
        raise UsageError("error.archive.there", file=file)
    with open_store(url) as store:
        export_archive(store, file, with_videos=videos)
        click.echo(text("cli.history.backed_up", lang, count=len(store.ids()), file=file))


@history.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_url_option
@lang_option
def restore(file: Path, url: str | None, lang: str) -> None:
    """Take over the sessions of FILE that are not here yet; nothing here is changed."""
    from posture.store import open_store  # noqa: PLC0415
    from posture.store.archive import import_archive  # noqa: PLC0415

    with open_store(url) as store:
        came = import_archive(store, file)
    click.echo(
        text("cli.history.restored", lang, added=len(came.added), here=len(came.already_here))
    )
