"""The server is killed in the middle of a practice, and started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import expect

from posture.live.journal import Why, close_unfinished, finished, read_journal
from posture.locales import text
from tests.browser.live_traffic import Traffic
from tests.browser.serving import Server, served, wait_until_served
from tests.browser.visiting import LONG_MS, Visits

pytestmark = pytest.mark.browser

MOST_LOST_S = 1.0


def killed_and_started_again(server: Server, copy: Path) -> Server:
    """The same command in the same place; what it had kept when it was killed is in ``copy``."""
    running = psutil.Process(server.process.pid)
    environment, folder = running.environ(), running.cwd()
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    shutil.copytree(Path(environment["POSTURE_DATA_DIR"]) / "live", copy)
    with server.log.open("ab") as output:
        process = subprocess.Popen(
            server.process.args, cwd=folder, env=environment, stdout=output, stderr=output
        )
    again = Server(server.url, server.temporary, server.witness, server.log, process)
    wait_until_served(again)
    return again


def test_a_killed_server_loses_at_most_a_second(browser, tmp_path):
    with served(tmp_path / "served") as server:
        visits = Visits(browser, server.url)
        page = visits.open("?view=live")
        traffic = Traffic()
        page.on("websocket", traffic.listen)
        page.get_by_role("button", name=text("live.door.sample", "en")).click()
        expect(page.locator("[data-part=reps]")).to_have_text("2", timeout=LONG_MS)
        kept = tmp_path / "kept"
        again = killed_and_started_again(server, kept)
        try:
            last = traffic.moments[-1]
            seen_s = (traffic.taken_ms[last["seq"]] - min(traffic.taken_ms.values())) / 1000.0
            (path,) = close_unfinished(kept)
            practice = read_journal(path)
            assert practice.why is Why.CRASHED
            assert practice.samples[-1].time_s >= seen_s - MOST_LOST_S
            assert practice.numbers["repetitions"] >= last["reps"] - 1

            live = tmp_path / "served" / "data" / "live"
            assert set(live.iterdir()) == set(finished(live))  # closed, if not taken over already

            trouble = page.locator(".trouble")
            expect(trouble.get_by_role("alert")).to_have_text(text("live.trouble.restarted", "en"))
            link = trouble.get_by_role("link", name=text("live.button.history", "en"))
            expect(link).to_have_attribute("href", "?view=history")
            trouble.get_by_role("button", name=text("live.button.again", "en")).click()
            expect(page.locator("[data-part=stage]")).to_be_visible()
        finally:
            visits.close()
            again.stop()
