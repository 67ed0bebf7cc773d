"""Sessions and their repetitions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("started_at", sa.DateTime, nullable=False),
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
        sa.Column("corrections", sa.JSON),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("tags", sa.JSON, nullable=False),
        sa.Column("search", sa.Text, nullable=False),
        sa.Column("samples_sha256", sa.String(64), nullable=False),
        sa.Column("video_file", sa.String(64), nullable=False),
    )
    op.create_index("sessions_by_time", "sessions", ["started_at", "id"])
    op.create_index("sessions_by_exercise", "sessions", ["exercise", "started_at"])
    op.create_index("sessions_by_video", "sessions", ["video_sha256"])
    op.create_table(
        "repetitions",
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


def downgrade() -> None:
    """Refuse: the history would be gone."""
    raise NotImplementedError("There is nothing before the first schema.")
