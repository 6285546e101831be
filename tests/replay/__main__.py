"""The whole replay by hand: `python -m tests.replay [DAYS] [SHARE]`: 14 days of 200 sources by default."""

import logging
import sys
import tempfile
import time
from pathlib import Path

import structlog

from tests.replay.replay_cast import Cast
from tests.replay.replay_figures import table
from tests.replay.replay_rules import broken
from tests.replay.replay_run import Replay, usual_events


def main(days=14.0, share=1.0):
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        log = Replay(Path(folder), Cast(days, share), usual_events()).run()
    violations = broken(log)
    print("\n".join(table(log, violations)))
    print(f"{time.process_time() - began:.0f} s of computing")
    return bool(violations)


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:])))
