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


def command_language(context: click.Context) -> str:
    """Return the language in which a command was to speak, the computer's when it did not say."""
    return str(context.meta.get(__name__) or system_language())


def _remember(context: click.Context, _: click.Parameter, lang: str) -> str:
    context.meta[__name__] = lang  # one for a command and the groups above it
    return lang


lang_option = click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    default=system_language,
    callback=_remember,
    is_eager=True,
    show_default="the computer's",
    help="Language of what is said.",
)
