"""``posture doctor``: says what is wrong on this computer and how to mend it."""

from __future__ import annotations

import click

from posture.cli_language import lang_option
from posture.doctor import DEFAULT_PORT, Level, examine
from posture.locales import text

_COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.PROBLEM: "red"}
_PROBLEM_EXIT_CODE = 3


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65534),
    default=DEFAULT_PORT,
    show_default=True,
    help="The port on which the page is to open.",
)
@lang_option
@click.pass_context
def doctor(context: click.Context, port: int, lang: str) -> None:
    """Check Python, libraries, models, disk and camera, and say how to mend what is wrong."""
    words = {level: text(f"doctor.level.{level}", lang) for level in Level}
    width = max(map(len, words.values()))
    counts = dict.fromkeys(Level, 0)
    for finding in examine(port):
        counts[finding.level] += 1
        label = click.style(f"{words[finding.level]:<{width}}", fg=_COLOURS[finding.level])
        click.echo(f"{label}  {finding.sentence(lang)}")
        remedy = finding.remedy(lang)
        if remedy is not None:
            click.echo(f"{'':<{width}}  -> {remedy}")
    click.echo()
    if counts[Level.PROBLEM]:
        click.echo(text("doctor.summary.problems", lang, count=counts[Level.PROBLEM]))
        context.exit(_PROBLEM_EXIT_CODE)
    key = "warnings" if counts[Level.WARNING] else "ok"
    click.echo(text(f"doctor.summary.{key}", lang, count=counts[Level.WARNING]))
