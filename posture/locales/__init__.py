"""Every sentence the user reads or hears, in every language.

A text has a key such as ``reason.nobody``: the path below the language's folder, then the tables
inside the file. ``en/reason.toml`` holds ``reason.*``; ``en/exercise/bridge.toml`` holds
``exercise.bridge.*``. A text is a string, or a list of strings for steps that follow each other.
Placeholders are those of :meth:`str.format`. All languages have the same keys and placeholders.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

LANGUAGES = ("en", "nl")


@runtime_checkable
class Said(Protocol):
    """What can be said in every language, as an error can."""

    def said(self, lang: str, /) -> str:
        """Return it in one language."""


def text(key: str, lang: str, /, **values: object) -> str:
    """Return one text in one language, placeholders filled in.

    Args:
        key: Dotted key, for example ``"reason.nobody"``.
        lang: One of :data:`LANGUAGES`.
        **values: One value for each placeholder of the text; what can be said in every language
            is said in this one.

    Raises:
        UsageError: The product does not speak ``lang``.
        KeyError: There is no such text, it is a list, or a placeholder got no value.
    """
    found = table(lang).get(key)
    if not isinstance(found, str):
        raise KeyError(f"no text {key!r} in posture/locales/{lang}")
    filled = {n: v.said(lang) if isinstance(v, Said) else v for n, v in values.items()}
    return found.format_map(filled) if values or "{" in found else found


def lines(key: str, lang: str) -> tuple[str, ...]:
    """Return a text that is a list: steps or remarks, in order.

    Raises:
        UsageError: The product does not speak ``lang``.
        KeyError: There is no such list.
    """
    found = table(lang).get(key)
    if not isinstance(found, tuple):
        raise KeyError(f"no list of texts {key!r} in posture/locales/{lang}")
    return found


def has_text(key: str, lang: str) -> bool:
    """Whether there is a text or list with this key.

    Raises:
        UsageError: The product does not speak ``lang``.
    """
    return key in table(lang)


@cache
def table(lang: str) -> Mapping[str, str | tuple[str, ...]]:
    """Return all texts of a language by key; read once, never to be changed.

    Raises:
        UsageError: The product does not speak ``lang``.
    """
    if lang not in LANGUAGES:
        from posture.errors import UsageError  # noqa: PLC0415 - errors take their sentences here

        raise UsageError("error.language", name=lang, known=", ".join(LANGUAGES))
    found: dict[str, str | tuple[str, ...]] = {}
    for prefix, file in _files(files(__name__) / lang, ""):
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        for key, value in _flat(content, prefix):
            if key in found:
                raise ValueError(f"text {key!r} stands twice in posture/locales/{lang}")
            found[key] = value
    return found


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_dir():
            yield from _files(entry, f"{prefix}{entry.name}.")
        elif entry.name.endswith(".toml"):
            yield f"{prefix}{entry.name.removesuffix('.toml')}.", entry


def _flat(content: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            yield f"{prefix}{name}", tuple(str(item) for item in value)
        else:
            yield f"{prefix}{name}", str(value)
