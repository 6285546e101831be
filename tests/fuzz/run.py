"""Fuzz each target for some seconds: `python tests/fuzz/run.py [SECONDS] [TARGET...]`.

With atheris, which sees what of the code is reached; without it, by hypothesis over mutated seeds. The first input that
fails is left in the current folder's `fuzz-findings/` and told; exit code 1.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import traceback
from importlib.util import find_spec
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from targets import TARGETS, seeds

FINDINGS = Path("fuzz-findings")
ROUND = 2_000  # examples


def main() -> int:
    """Fuzz, and say what was done."""
    words = sys.argv[1:]
    seconds = int(words[0]) if words else 60
    names = words[1:] or list(TARGETS)
    guided = find_spec("atheris") is not None
    if not guided:
        print("no atheris for this Python: hypothesis mutates the seeds instead, without knowing what it reaches")
    failed = [name for name in names if not (_guided if guided else _blind)(name, seconds)]
    print(f"failed: {', '.join(failed)}; see {FINDINGS}/" if failed else f"{len(names)} targets, nothing found")
    return 1 if failed else 0


def _guided(name: str, seconds: int) -> bool:
    """Atheris takes over its process: one for each target."""
    FINDINGS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as room:
        for number, seed in enumerate(seeds(name)):
            Path(room, str(number)).write_bytes(seed)
        options = (room, f"-max_total_time={seconds}", "-max_len=4096", "-timeout=20", "-print_final_stats=1",
                   f"-artifact_prefix={FINDINGS}/{name}-")  # fmt: skip
        done = subprocess.run([sys.executable, str(Path(__file__).with_name("guided.py")), name, *options], check=False)
    return done.returncode == 0


def _blind(name: str, seconds: int) -> bool:
    """Seeds with pieces cut out, doubled, joined and put in, for so long."""
    tried = 0

    @settings(deadline=None, max_examples=ROUND, database=None, phases=[Phase.generate, Phase.shrink],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(_inputs(seeds(name)))
    def once(data: bytes) -> None:
        nonlocal tried, failing
        tried += 1
        failing = data
        TARGETS[name](data)

    failing = b""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            once()
        except Exception:  # noqa: BLE001 - whatever it is, it is the finding
            traceback.print_exc()
            FINDINGS.mkdir(exist_ok=True)
            FINDINGS.joinpath(f"{name}-finding").write_bytes(failing)
            return False
    print(f"{name}: {tried} inputs")
    return True


@st.composite
def _inputs(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    body = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 8))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 60)))
        other = draw(st.sampled_from(seeds))
        piece = other[start:end]
        put = draw(
            st.binary(max_size=8) | st.just(body[start:end] * 3) | st.just(piece) | st.text(max_size=5).map(str.encode)
        )
        body = body[:start] + put + body[end:]
    return body


if __name__ == "__main__":
    raise SystemExit(main())
