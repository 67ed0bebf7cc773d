"""The commands: ``posture analyze | app | history | models | doctor``."""

from __future__ import annotations

import logging
import os
import subprocess
import sys

import click

from posture import __version__
from posture.cli_analyze import analyze
from posture.cli_batch import INTERRUPTED
from posture.cli_doctor import doctor
from posture.cli_history import history
from posture.cli_language import command_language
from posture.cli_models import models
from posture.errors import PostureError
from posture.resources import app_path


class _Group(click.Group):
    """Turns every error of ours into one sentence and its exit code."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except PostureError as error:
            click.echo(f"posture: {error.said(command_language(ctx))}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="posture")
@click.option("--verbose", is_flag=True, help="Tell more about what happens inside.")
def main(verbose: bool) -> None:
    """Camera feedback for pelvis exercises: tilt, stance and repetitions from one webcam."""
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.WARNING,
        format="%(name)s: %(message)s",
    )


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option("--no-browser", is_flag=True, help="Do not open a browser window.")
def app(port: int, no_browser: bool) -> None:
    """Open the page."""
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(app_path()),
        f"--server.port={port}",
        "--server.address=localhost",
        "--server.showEmailPrompt=false",
        "--browser.gatherUsageStats=false",
        "--client.showErrorDetails=none",
        "--runner.postScriptGC=false",
        f"--server.headless={'true' if no_browser else 'false'}",
    ]
    if os.name == "posix":
        os.execv(sys.executable, command)  # noqa: S606 - so that ending one ends the other
    with subprocess.Popen(command) as page:  # noqa: S603 - our own program
        while True:
            try:
                sys.exit(page.wait())
            except KeyboardInterrupt:
                continue  # the page has heard it too and puts its things away


main.add_command(analyze)
main.add_command(history)
main.add_command(models)
main.add_command(doctor)
