"""Nothing leaves the computer: not from the browser, not from the server."""

import pytest

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


def test_the_page_is_served_to_this_computer_alone(server, result_address):
    assert result_address
    witness = server.witness.read_text(encoding="utf-8")
    assert "'0.0.0.0'" not in witness
