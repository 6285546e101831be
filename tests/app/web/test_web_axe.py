"""Pages for everybody: axe, the accessibility checker, finds nothing in any of them, light or dark."""

import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from test_web_browser import CHROMIUM, FLAGS, Quiet
from test_web_story import ID, told  # noqa: F401 - a fixture

from aggregator.steps.render import TopicSummary, asset_documents, render_site, render_topic

sys.path.append(str(Path(__file__).parents[2] / "steps" / "render"))  # the news that rendering is tested with
from render_news import SITE, item, selected, world

ROOT = Path(__file__).parents[3]
# `npm install --no-save axe-core` in the project's folder, or the file named in AXE_CORE.
AXE = Path(os.environ.get("AXE_CORE") or ROOT / "node_modules" / "axe-core" / "axe.min.js")
HARNESS = """<!doctype html><title>axe</title><pre id="said"></pre><script>
const pages = %s, said = {};
async function check(page, width) {
  const frame = document.createElement("iframe");
  frame.width = width; frame.height = 2000; frame.src = page;
  await new Promise(done => { frame.onload = done; document.body.append(frame); });
  const inside = frame.contentDocument, script = inside.createElement("script");
  await new Promise(done => { script.onload = done; script.src = "/axe.min.js"; inside.head.append(script); });
  const found = await frame.contentWindow.axe.run(inside, {resultTypes: ["violations"]});
  said[page + "@" + width] = {passes: found.passes.length, violations: found.violations.map(
    one => one.id + ": " + one.nodes.map(node => node.html.slice(0, 200)).join(" | "))};
  frame.remove();
}
(async () => {
  for (const page of pages) for (const width of [390, 1280]) await check(page, width);
  document.getElementById("said").textContent = "SAID" + JSON.stringify(said) + "END";
})().catch(error => { document.getElementById("said").textContent = "FAILED " + error; });
</script>"""


def write(folder, desk):
    """Every kind of page as it is served, and one of a site that is read from right to left."""
    endless = selected(item(title="Donaudampfschifffahrt" * 9, text="https://x.example/" + "a/" * 90), number=8)
    shown = replace(world(), entries=(*world().entries, endless))
    summary = TopicSummary.of(shown.topic, stories=5, updated=shown.updated, newest=shown)
    for document in (*render_topic(shown, SITE)[0], *render_site(SITE, [summary]), *asset_documents()):
        path = folder / document.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(document.body)
    arabic = render_topic(shown, replace(SITE, language="ar", title="أخبار"))[0]
    (folder / "topics" / "arabic.html").write_bytes(next(d.body for d in arabic if d.path.endswith(".html")))
    asked = {
        "status": "/status",
        "source": "/status/bbc",
        "story": f"/stories/{quote(ID)}",
        "search": "/search?q=flood",
        "nothing": "/search?q=zzz",
        "wrong": "/search?q=%28",
        "ask": "/search",
        "missing": "/missing",
    }
    for name, path in asked.items():
        (folder / f"{name}.html").write_bytes(desk.get(path).wire)
    return ["index.html", "topics/factory.html", "topics/arabic.html", *(f"{name}.html" for name in asked)]


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
@pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: `npm install --no-save axe-core`, or name it in AXE_CORE")
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing(told, tmp_path, scheme):  # noqa: F811 - the fixture
    """No violation of any rule on any page, on a telephone and on a wide screen."""
    folder = tmp_path / "site"
    pages = write(folder, told)
    shutil.copy(AXE, folder / "axe.min.js")
    (folder / "harness.html").write_text(HARNESS % json.dumps(pages), encoding="utf-8")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    flags = [*re.split(r" (?=--)", FLAGS.replace("=8000", "=60000")), f"--user-data-dir={tmp_path / 'profile'}"]
    prefers = f"--blink-settings=preferredColorScheme={int(scheme == 'light')}"
    try:
        run = subprocess.run(
            [CHROMIUM, *flags, prefers, "--dump-dom", f"http://127.0.0.1:{server.server_port}/harness.html"],
            capture_output=True, text=True, timeout=110, check=False,
        )  # fmt: skip
    finally:
        server.shutdown()
        server.server_close()
    found = re.search(r"SAID(.*)END</pre>", run.stdout, re.DOTALL)
    assert found, (run.stdout[-500:], run.stderr[-1500:])
    said = json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    assert len(said) == 2 * len(pages)
    assert all(one["passes"] > 15 for one in said.values())  # it looked
    wrong = [f"{page}: {what}" for page, one in said.items() for what in one["violations"]]
    assert not wrong, "\n".join(wrong)
