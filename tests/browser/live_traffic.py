"""What goes over a page's live socket, written down."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field


@dataclass
class Traffic:
    """Everything that went over a page's live socket."""

    taken_ms: dict[int, float] = field(default_factory=dict)
    moments: list[dict] = field(default_factory=list)
    summaries: list[dict] = field(default_factory=list)
    sockets: int = 0

    def listen(self, socket):
        if not socket.url.endswith("/live/socket"):
            return
        self.sockets += 1
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._received)

    def _sent(self, message):
        if isinstance(message, bytes):
            sequence, taken_ms = struct.unpack_from("<Id", message, 4)
            self.taken_ms[sequence] = taken_ms

    def _received(self, message):
        content = json.loads(message)
        if content["type"] == "moment" and "stage" in content:
            self.moments.append(content)
        elif content["type"] == "summary":
            self.summaries.append(content)
