"""The thread our WebSub hub works in: verifications and deliveries, beside the writer."""

from __future__ import annotations

import random
import secrets
import threading
import time
from typing import TYPE_CHECKING

import structlog

from aggregator.errors import StorageError
from aggregator.pipeline.hub import Hub

if TYPE_CHECKING:
    from collections.abc import Callable

    from aggregator.domain.settings import Configuration
    from aggregator.ports import Caller, Clock, Store

log = structlog.get_logger()

STEP = 1.0  # seconds a step waits where there is nothing to do
PAUSE = 10.0  # seconds after the store failed, or a bug of ours
_CHALLENGE_BYTES = 24


def open_hub(store: Store, caller: Caller, clock: Clock, configuration: Callable[[], Configuration]) -> Hub:
    """A hub with real time and chance."""
    return Hub(
        store=store,
        caller=caller,
        clock=clock,
        configuration=configuration,
        monotonic=time.monotonic,
        fraction=random.random,
        challenge=lambda: secrets.token_urlsafe(_CHALLENGE_BYTES),
    )


class HubThread:
    """Runs the hub from `start` to `stop`."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hub", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> None:
        """End within about so many seconds; what was not recorded is found again at the next start."""
        self._ending.set()
        self._hub.published()  # wakes it
        self._thread.join(timeout)

    def _run(self) -> None:
        failed = False
        while not self._ending.is_set():
            try:
                self._hub.step(STEP)
                failed = False
            except StorageError as error:
                self._pause(error, told=failed)
                failed = True
            except Exception:  # the news goes on without its hub
                log.exception("hub_crashed")
                self._ending.wait(PAUSE)

    def _pause(self, error: StorageError, *, told: bool) -> None:
        """The database fails: say so once, and try again later."""
        if not told:
            log.error("hub_store_failed", error=str(error), retry_in=PAUSE)
        self._ending.wait(PAUSE)
