"""A whole visit on a computer without any network; run in a network namespace of its own.

    unshare --map-root-user --net python -m tests.browser.cut_off FOLDER

Only the loopback interface exists. Prints what the page said, and how many packets found no way
out: the kernel counts every attempt to reach another computer, whoever makes it.
"""

from __future__ import annotations

import fcntl
import json
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import sync_playwright

from posture.locales import text
from tests.browser.serving import served
from tests.browser.visiting import (
    BROWSER_FLAGS,
    LONG_MS,
    browser_path,
    cut_sample,
    start,
    wait_for_result,
)

_SET_FLAGS, _UP = 0x8914, 0x1


def loopback_up() -> None:
    """Switch the namespace's loopback interface on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SET_FLAGS, struct.pack("16sh", b"lo", _UP))


def packets_without_way() -> int:
    """How often the kernel of this namespace was asked for a way out and had none."""
    names, values = (
        line.split()
        for line in Path("/proc/net/snmp").read_text(encoding="ascii").splitlines()
        if line.startswith("Ip:")
    )
    return int(dict(zip(names, values, strict=True))["OutNoRoutes"])


def an_attempt_is_counted() -> bool:
    """Whether the count rises when somebody does try to reach another computer."""
    before = packets_without_way()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stray, suppress(OSError):
        stray.connect(("192.0.2.1", 9))
    return packets_without_way() > before


def visit(folder: Path) -> str:
    """Analyse a video on the page from first sight to result; return the first sentence."""
    clip = cut_sample(folder / "clip.mp4", 60)
    with served(folder / "served") as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path(), args=list(BROWSER_FLAGS)
        )
        page = browser.new_page(locale="en-GB")
        page.goto(server.url)
        page.get_by_text(text("page.choose.own", "en")).click(timeout=LONG_MS)
        page.locator("input[type=file]").set_input_files(clip)
        start(page)
        wait_for_result(page)
        video = page.locator(".st-key-player [data-part=video]")
        page.wait_for_function("video => video.videoWidth > 0", arg=video.element_handle())
        said = page.locator(".said").first.inner_text()
        browser.close()
    return said


def main() -> None:
    """Do it."""
    loopback_up()
    said, packets = visit(Path(sys.argv[1])), packets_without_way()
    answer = {"said": said, "packets": packets, "counted": an_attempt_is_counted()}
    print(json.dumps(answer))  # noqa: T201 - read by the test


if __name__ == "__main__":
    main()
