"""`aggregator demo`: one command shows stories arriving, without a network, and leaves nothing behind."""

import signal
from pathlib import Path
from tempfile import TemporaryDirectory


def test_the_demo_plays_and_ends_with_ctrl_c(project):
    """The address it prints serves topics with stories of several outlets; SIGINT ends it and its folder goes."""
    with TemporaryDirectory() as temporary:  # pytest's own folders are too long for a socket's name
        process = project.start("demo", "--port", "0", log="demo.log", config=False, TMPDIR=temporary)
        daemon = project.address(process, "demo.log", r"Open (http://127\.0\.0\.1:\d+)")
        page = daemon.until("/topics/everything", lambda status, text: status == 200 and text.count("<article") > 20)
        assert "Orla" in page and "奥拉" in page
        daemon.until("/topics/listen.rss", lambda status, text: "<enclosure" in text)
        daemon.until("/topics/industrial-internet.atom", lambda status, text: "工业互联网" in text)
        assert daemon.end(signal.SIGINT) == 0
        assert "Traceback" not in daemon.told()
        assert list(Path(temporary).iterdir()) == []
