"""Ctrl-C ends the program at any time, also before it knows what it is asked for."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from posture import store
from posture.cli_commands import main

# Presses Ctrl-C while one of our modules is loaded.
PRESS = """
import signal, sys
class Finder:
    def find_spec(name, *_):
        if name == sys.argv[1]:
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Finder)
from posture.cli import run
run()
"""


@pytest.mark.parametrize("module", ["posture.cli_commands", "posture.locales"])
def test_ctrl_c_while_the_program_is_loaded_ends_it_without_a_word(module):
    command = [sys.executable, "-c", PRESS, module]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_ctrl_c_while_a_command_begins_ends_it_without_a_word(monkeypatch):
    def press(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "open_store", press)
    ended = CliRunner().invoke(main, ["history", "list"])
    assert (ended.exit_code, ended.output) == (130, "")
