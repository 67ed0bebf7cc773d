"""Sessions as rows of the database, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan, nan
from typing import Any

import sqlalchemy as sa

from posture.store.records import SessionRecord, Source, search_words
from posture.store.samples import rep_json, rep_of
from posture.store.schema import REPETITIONS, SESSIONS

NUMBERS = ("reading_share", "tilt_forward_deg", "tilt_backward_deg", "tilt_sd_deg")
AT_ONCE = 500


def row_of(record: SessionRecord) -> dict[str, Any]:
    """Return a session's row; its repetitions have their own."""
    row = {
        column.name: getattr(record, column.name)
        for column in SESSIONS.columns
        if column.name != "search"
    }
    row |= {name: None if isnan(row[name]) else row[name] for name in NUMBERS}
    return row | {
        "source": str(record.source),
        "summary": dict(record.summary),
        "tags": list(record.tags),
        "search": search_words(record),
        "corrections": None if record.corrections is None else dict(record.corrections),
    }


def insert(connection: sa.Connection, records: Sequence[SessionRecord]) -> None:
    """Write sessions with their repetitions."""
    if records:
        connection.execute(sa.insert(SESSIONS), [row_of(record) for record in records])
    insert_reps(connection, records)


def insert_reps(connection: sa.Connection, records: Sequence[SessionRecord]) -> None:
    """Write the repetitions of sessions that have none yet."""
    rows = [
        rep_json(rep)
        | {
            "session_id": record.id,
            "place": place,
            "kind": str(rep.kind),
            "verdict": str(rep.verdict),
            "amplitude_sd": None if isnan(sd) else sd,
            "faults": list(rep.faults),
            "measures": [list(pair) for pair in rep.measures],
        }
        for record in records
        for place, (rep, sd) in enumerate(zip(record.reps, record.rep_sds, strict=True))
    ]
    if rows:
        connection.execute(sa.insert(REPETITIONS), rows)


def load(connection: sa.Connection, query: sa.Select[Any]) -> tuple[SessionRecord, ...]:
    """Return the sessions that a query of their table finds, in its order."""
    rows = [dict(row) for row in connection.execute(query).mappings()]
    reps: dict[str, list[Mapping[Any, Any]]] = {row["id"]: [] for row in rows}
    ids = list(reps)
    for some in (ids[first : first + AT_ONCE] for first in range(0, len(ids), AT_ONCE)):
        theirs = (
            sa.select(REPETITIONS)
            .where(REPETITIONS.c.session_id.in_(some))
            .order_by(REPETITIONS.c.session_id, REPETITIONS.c.place)
        )
        for rep in connection.execute(theirs).mappings():
            reps[rep["session_id"]].append(rep)
    return tuple(_record(row, reps[row["id"]]) for row in rows)


def _record(row: dict[str, Any], reps: Sequence[Mapping[Any, Any]]) -> SessionRecord:
    del row["search"]
    known = {name: nan if row[name] is None else row[name] for name in NUMBERS}
    sds = (rep["amplitude_sd"] for rep in reps)
    return SessionRecord(
        **(row | known | {"source": Source(row["source"]), "tags": tuple(row["tags"])}),
        reps=tuple(rep_of(rep) for rep in reps),
        rep_sds=tuple(nan if sd is None else sd for sd in sds),
    )
