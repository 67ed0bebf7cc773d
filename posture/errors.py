"""Every error the product raises on purpose.

The tree, and the exit code of the command line for each::

    PostureError         what happened and what to do, in one sentence
    ├── UsageError       the call itself is wrong                       2
    ├── InputError       a file or camera cannot be read                3
    ├── ModelError       a pose model is missing, broken, unreachable   3
    ├── OutputError      results cannot be written                      3
    └── NobodyError      the input was read, nobody can be judged       4

The sentences stand in ``posture/locales/*/error.toml``, in every language. An error carries its
key and what to fill in, through processes too; whoever shows it asks for the user's language.
"""

from __future__ import annotations

from functools import partial
from pathlib import PurePath

from posture.locales import text


class PostureError(Exception):
    """Base of all errors that carry a sentence for the user: what happened and what to do.

    Args:
        key: Key of the sentence, for example ``"error.video.empty"``. What does not begin with
            ``error.`` is itself the sentence, in whatever language it was written.
        **values: One value for each placeholder. An error among them is said in the language of
            the whole sentence; several of them in a tuple are said one after another.
    """

    exit_code = 3

    def __init__(self, key: str, /, **values: object) -> None:
        super().__init__(key)
        self._key = key
        self._values = {name: _lasting(value) for name, value in values.items()}

    def said(self, lang: str) -> str:
        """Return the sentence in one of :data:`posture.locales.LANGUAGES`."""
        if not self._key.startswith("error."):
            return self._key
        filled = {
            name: " ".join(each.said(lang) for each in value) if isinstance(value, tuple) else value
            for name, value in self._values.items()
        }
        return text(self._key, lang, **filled)

    def __str__(self) -> str:
        return self.said("en")

    def __reduce__(self) -> tuple[object, ...]:
        return partial(type(self), self._key, **self._values), ()


def _lasting(value: object) -> object:
    """What of a value reaches other processes: an error of ours whole, another one's words."""
    foreign = isinstance(value, BaseException) and not isinstance(value, PostureError)
    return str(value) if foreign or isinstance(value, PurePath) else value


class UsageError(PostureError):
    """The call is wrong: an unknown exercise, a window outside the video."""

    exit_code = 2


class InputError(PostureError):
    """The input cannot be read as a video."""


class NobodyError(PostureError):
    """The input was read from end to end and nobody in it could be judged."""

    exit_code = 4


class ModelError(PostureError):
    """A pose model is missing, damaged or cannot be fetched."""


class OutputError(PostureError):
    """Results cannot be written."""
