"""The ``--lang`` option of every command, and the language of this computer."""

from __future__ import annotations

import locale
import os

import click

from posture.locales import LANGUAGES

_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def system_language() -> str:
    """Return the language this computer is set to, English when we do not speak it."""
    names = [os.environ.get(variable, "") for variable in _VARIABLES]
    named = next((name for name in names if name), None) or locale.getlocale()[0] or ""
    language = named.lower()
    if language.startswith("dutch"):  # as Windows calls it
        return "nl"
    return language[:2] if language[:2] in LANGUAGES else "en"


lang_option = click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    default=system_language,
    show_default="the computer's",
    help="Language of what is said.",
)
