"""The pages in a real browser: they say something, fit a telephone, and follow the reader's light or dark."""

import http.server
import json
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from aggregator.steps.render import TopicSummary, asset_documents, render_site, render_topic

sys.path.append(str(Path(__file__).parents[2] / "steps" / "render"))  # the news that rendering is tested with
from render_news import SITE, item, selected, world

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --window-size=1000,900 "
    "--virtual-time-budget=8000 --host-resolver-rules=MAP * ~NOTFOUND,EXCLUDE 127.0.0.1"
)
HARNESS = """<!doctype html><title>measure</title><pre id="said"></pre><script>
const pages = %s, said = {};
for (const page of pages) {
  const frame = document.createElement("iframe");
  frame.width = 390; frame.height = 800; frame.src = page;
  frame.onload = () => {
    const inside = frame.contentDocument, root = inside.documentElement;
    said[page] = {wide: root.scrollWidth, words: inside.body.innerText.length,
                  paper: frame.contentWindow.getComputedStyle(root).backgroundColor,
                  styled: inside.styleSheets.length};
    document.getElementById("said").textContent = "SAID" + JSON.stringify(said) + "END";
  };
  document.body.append(frame);
}
</script>"""
PAGES = ["index.html", "topics/factory.html", "status.html", "missing.html"]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing."""


def measure(folder, profile, scheme):
    """What the browser finds in each page in a frame of 390 pixels; scheme 0 is dark, 1 light."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        flags = re.split(r" (?=--)", FLAGS)
        command = [CHROMIUM, *flags, f"--user-data-dir={profile}", f"--blink-settings=preferredColorScheme={scheme}"]
        url = f"http://127.0.0.1:{server.server_port}/harness.html"
        run = subprocess.run([*command, "--dump-dom", url], capture_output=True, text=True, timeout=90, check=False)
    finally:
        server.shutdown()
        server.server_close()
    found = re.search(r"SAID(.*)END", run.stdout)
    assert found, run.stderr[-2000:]
    return json.loads(found[1])


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_pages_in_a_browser(new_desk, tmp_path):
    """Every page is styled, not empty, no wider than a telephone of 390 pixels, and dark where dark is wanted."""
    endless = selected(item(title="Donaudampfschifffahrt" * 9, text="https://x.example/" + "a/" * 90), number=8)
    shown = world()
    shown = replace(shown, entries=(*shown.entries, endless))
    summary = TopicSummary.of(shown.topic, stories=5, updated=shown.updated, newest=shown)
    folder = tmp_path / "site"
    for document in (*render_topic(shown, SITE)[0], *render_site(SITE, [summary]), *asset_documents()):
        path = folder / document.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(document.body)
    (folder / "status.html").write_bytes(new_desk.get("/status").wire)
    (folder / "missing.html").write_bytes(new_desk.get("/missing").wire)
    (folder / "harness.html").write_text(HARNESS % json.dumps(PAGES), encoding="utf-8")
    dark, light = (measure(folder, tmp_path / f"profile{scheme}", scheme) for scheme in (0, 1))
    for said in (dark, light):
        assert set(said) == set(PAGES)
        for page, found in said.items():
            assert found["styled"] == 1, page
            assert found["words"] > 60, page
            assert found["wide"] <= 390, page
    assert {found["paper"] for found in light.values()} == {"rgb(252, 251, 248)"}
    assert {found["paper"] for found in dark.values()} == {"rgb(21, 22, 24)"}
