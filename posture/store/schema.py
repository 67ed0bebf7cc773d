"""Tables of the history; the same on SQLite and PostgreSQL. ``migrations/`` builds them."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

METADATA = sa.MetaData()


class UtcTime(sa.TypeDecorator[datetime]):
    """A moment. Kept without its zone, because SQLite knows none, and always in UTC."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn a moment into what is kept."""
        del dialect
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn what is kept into a moment."""
        del dialect
        return None if value is None else value.replace(tzinfo=UTC)


SESSIONS = sa.Table(
    "sessions",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("started_at", UtcTime, nullable=False),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("exercise", sa.String(64), nullable=False),
    sa.Column("video_name", sa.Text, nullable=False),
    sa.Column("video_sha256", sa.String(64), nullable=False),
    sa.Column("duration_s", sa.Float, nullable=False),
    sa.Column("reading_share", sa.Float),
    sa.Column("tilt_forward_deg", sa.Float),
    sa.Column("tilt_backward_deg", sa.Float),
    sa.Column("tilt_sd_deg", sa.Float),
    sa.Column("summary", sa.JSON, nullable=False),
    sa.Column("corrections", sa.JSON(none_as_null=True)),
    sa.Column("notes", sa.Text, nullable=False),
    sa.Column("tags", sa.JSON, nullable=False),
    # Notes, tags, exercise and video in lower case, for the search.
    sa.Column("search", sa.Text, nullable=False),
    sa.Column("samples_sha256", sa.String(64), nullable=False),
    sa.Column("video_file", sa.String(64), nullable=False),
    sa.Index("sessions_by_time", "started_at", "id"),
    sa.Index("sessions_by_exercise", "exercise", "started_at"),
    sa.Index("sessions_by_video", "video_sha256"),
)

REPETITIONS = sa.Table(
    "repetitions",
    METADATA,
    sa.Column(
        "session_id",
        sa.String(32),
        sa.ForeignKey("sessions.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("index", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("start_s", sa.Float, nullable=False),
    sa.Column("peak_s", sa.Float, nullable=False),
    sa.Column("end_s", sa.Float, nullable=False),
    sa.Column("amplitude", sa.Float, nullable=False),
    sa.Column("amplitude_sd", sa.Float),
    sa.Column("unit", sa.String(16), nullable=False),
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("hold_s", sa.Float, nullable=False),
    sa.Column("faults", sa.JSON, nullable=False),
    sa.Column("measures", sa.JSON, nullable=False),
)
