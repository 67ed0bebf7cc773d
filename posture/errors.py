"""Every error the product raises on purpose.

The tree, and the exit code of the command line for each::

    PostureError         what happened and what to do, in one sentence
    ├── UsageError       the call itself is wrong                       2
    ├── InputError       a file or camera cannot be read                3
    ├── ModelError       a pose model is missing, broken, unreachable   3
    ├── OutputError      results cannot be written                      3
    └── NobodyError      the input was read, nobody can be judged       4
"""


class PostureError(Exception):
    """Base of all errors that carry a sentence for the user.

    Args:
        message: One sentence: what happened and what to do about it.
    """

    exit_code = 3


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
