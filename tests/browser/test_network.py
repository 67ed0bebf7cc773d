"""Nothing leaves the computer: not from the browser, not from the server."""

import json
import subprocess
import sys

import pytest

from posture.locales import text
from tests.browser.serving import ROOT

pytestmark = pytest.mark.browser


def test_the_server_connects_to_nobody(server, result_address):
    """Every look-up and connection of the server's Python, from its start to a result."""
    assert result_address
    strangers = [
        line
        for line in server.witness.read_text(encoding="utf-8").splitlines()
        if not any(own in line for own in ("'localhost'", "'127.0.0.1'", "'::1'", "/"))
    ]
    assert strangers == []


def test_the_page_is_served_to_this_computer_alone(server):
    assert server.listens_at() == {"127.0.0.1"}


def test_with_the_network_cut_off_everything_works_and_nobody_is_called(tmp_path):
    alone = ["unshare", "--map-root-user", "--net"]
    try:
        subprocess.run([*alone, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"a network of its own cannot be made here: {error}")
    visit = [*alone, sys.executable, "-m", "tests.browser.cut_off", str(tmp_path)]
    done = subprocess.run(visit, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["said"] == text("cue.no_real_change", "en")
    assert answer["packets"] == 0
    assert answer["counted"], "the kernel does not count here, so the zero says nothing"
