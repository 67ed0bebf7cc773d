"""The numbers of a corrected session, kept so that it opens as quickly as any other.

They can be had from the samples and the corrections at any time, in seconds for a long recording.
So nothing depends on the file: whoever does not find it, or finds that of other corrections,
works them out again.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path

from posture.analysis import Analysis
from posture.corrections import Corrections
from posture.errors import PostureError
from posture.store.samples import read_numbers, write_samples

CORRECTED = "corrected.parquet"

logger = logging.getLogger(__name__)


def keep_corrected(folder: Path, analysis: Analysis) -> None:
    """Keep the numbers of a corrected analysis, or forget them when it is the original.

    Args:
        folder: The session's own folder.
        analysis: With the corrections in it.
    """
    path = folder / CORRECTED
    try:
        path.unlink(missing_ok=True)
        if analysis.corrections and folder.is_dir():
            write_samples(analysis, path, seen=False)
    except (OSError, PostureError):
        logger.debug("The corrected numbers are not kept", exc_info=True)


def read_corrected(folder: Path, corrections: Corrections, video: Path | None) -> Analysis | None:
    """Return the numbers with these corrections in them, without what was seen.

    Args:
        folder: The session's own folder.
        corrections: What the history says was put right.
        video: Where the video lies.

    Returns:
        ``None`` where there are none, or those of other corrections.
    """
    with suppress(PostureError):
        kept = read_numbers(folder / CORRECTED, video)
        if kept.corrections == corrections:
            return kept
    return None
