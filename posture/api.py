"""posture from Python: a video in, tables out.

    >>> import posture
    >>> session = posture.analyze("practice.mp4", exercise="standing-tilt")
    >>> session.repetitions[["kind", "amplitude", "unit", "verdict"]]
           kind  amplitude unit  verdict
    0   forward       10.0  deg     good
    1  backward       10.0  deg  improve
    >>> tilt = session.samples.set_index("time_s")["pelvic_tilt_deg"]
    >>> print(f"{tilt.min():.1f} to {tilt.max():.1f} degrees, read {tilt.notna().mean():.0%}")
    -10.0 to 10.0 degrees, read 98%
    >>> session.summary["repetitions"]["faults"]
    {'trunk_leaning': 1}
    >>> session.write("results", "parquet", "opensim")
    >>> session.write_report("results/report.pdf", "nl")

Every table is a pandas ``DataFrame``; a number that was not measured is missing in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posture.adapters.export_parquet import samples_table
from posture.analysis import Analysis, OnProgress, Request, analyze_video
from posture.datatypes import TimeWindow
from posture.recording import write_exports, write_results
from posture.store.records import uncertainties

if TYPE_CHECKING:
    import pandas as pd

REPETITION_COLUMNS = (
    "index",
    "kind",
    "start_s",
    "peak_s",
    "end_s",
    "amplitude",
    "amplitude_sd",
    "unit",
    "verdict",
    "faults",
    "hold_s",
)


@dataclass(frozen=True)
class Session:
    """One analysed video.

    Attributes:
        analysis: Everything the product itself knows about it.
    """

    analysis: Analysis

    @cached_property
    def samples(self) -> pd.DataFrame:
        """One row for each picture; :data:`posture.adapters.export_parquet.COLUMNS` explains."""
        table: pd.DataFrame = samples_table(self.analysis.results).to_pandas()
        return table

    @cached_property
    def repetitions(self) -> pd.DataFrame:
        """One row for each repetition; times in seconds, ``amplitude`` in ``unit``."""
        import pandas as pd  # noqa: PLC0415 - takes its time, and not everybody needs it

        sds = uncertainties(self.analysis)
        rows = [
            (
                rep.index,
                str(rep.kind),
                rep.start_s,
                rep.peak_s,
                rep.end_s,
                rep.amplitude,
                sd,
                rep.unit,
                str(rep.verdict),
                rep.faults,
                rep.hold_s,
            )
            for rep, sd in zip(self.analysis.reps, sds, strict=True)
        ]
        return pd.DataFrame(rows, columns=list(REPETITION_COLUMNS))

    @cached_property
    def events(self) -> pd.DataFrame:
        """One row for everything the exercise said: ``time_s``, ``kind``, ``id``."""
        import pandas as pd  # noqa: PLC0415

        rows = [(event.time_s, str(event.kind), event.id) for event in self.analysis.events]
        return pd.DataFrame(rows, columns=["time_s", "kind", "id"])

    @property
    def summary(self) -> Mapping[str, Any]:
        """The contents of ``summary.json``."""
        return self.analysis.summary()

    def write(self, folder: str | Path, *exports: str) -> None:
        """Write ``timeline.csv``, ``reps.json`` and ``summary.json`` into a folder.

        Args:
            folder: Made where it does not exist.
            *exports: ``"parquet"`` and ``"opensim"`` write the files for other programs too.

        Raises:
            OutputError: The folder cannot be written to.
        """
        write_results(self.analysis, Path(folder))
        write_exports(self.analysis, Path(folder), exports)

    def write_report(
        self, path: str | Path, lang: str = "en", *, practised: date | None = None
    ) -> None:
        """Write the report to read: a PDF where the name ends in ``.pdf``, else HTML.

        Args:
            path: The file.
            lang: ``en`` or ``nl``.
            practised: The day; left out when unknown.

        Raises:
            OutputError: The file cannot be written.
        """
        from posture.report import report_of, write_html, write_pdf  # noqa: PLC0415

        path = Path(path)
        report = report_of(self.analysis, lang, practised=practised)
        (write_pdf if path.suffix.lower() == ".pdf" else write_html)(report, path)


def analyze(
    path: str | Path,
    exercise: str = "standing-tilt",
    *,
    neutral: tuple[float, float] | None = None,
    forward: tuple[float, float] | None = None,
    backward: tuple[float, float] | None = None,
    model: str = "full",
    on_progress: OnProgress | None = None,
) -> Session:
    """Analyse one recorded video.

    Args:
        path: A video.
        exercise: Exercise id.
        neutral: First and last second of natural, still stance; found where it is not given.
        forward: The same of as far forward as is comfortable, if known.
        backward: The same backward.
        model: ``lite``, ``full`` or ``heavy``.
        on_progress: Called after each picture.

    Raises:
        UsageError: Unknown exercise, or a window outside the video.
        InputError: The file cannot be read as a video.
        ModelError: The pose model is missing or damaged.
        NobodyError: Nobody can be judged in a window that was given.
    """
    request = Request(
        exercise=exercise,
        neutral=None if neutral is None else TimeWindow(*neutral),
        forward=None if forward is None else TimeWindow(*forward),
        backward=None if backward is None else TimeWindow(*backward),
        model=model,
    )
    return Session(analyze_video(Path(path), request, on_progress=on_progress))
