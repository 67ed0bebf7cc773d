"""The history of practice, see :mod:`posture.store.store`."""

from posture.store.records import SessionRecord, Source
from posture.store.store import Found, Store, open_store

__all__ = ["Found", "SessionRecord", "Source", "Store", "open_store"]
