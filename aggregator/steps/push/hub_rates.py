"""How often strangers may ask: tokens by name, and names that are held off. Time comes in as seconds that only rise."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from math import ceil

MOST_NAMES = 10_000  # remembered of each kind; the longest unused is forgotten first


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Rate:
    """So many at once, and then so many a second, for each name."""

    def __init__(self, burst: int, per_second: float, *, most: int = MOST_NAMES) -> None:
        self._burst = float(burst)
        self._per_second = per_second
        self._most = most
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, name: str, now: float) -> int:
        """0 if the name may go on; else after how many whole seconds it may."""
        bucket = self._buckets.pop(name, None) or _Bucket(self._burst, now)
        self._buckets[name] = bucket
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        bucket.tokens = min(self._burst, bucket.tokens + max(0.0, now - bucket.at) * self._per_second)
        bucket.at = now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return 0
        return max(1, ceil((1 - bucket.tokens) / self._per_second))


class Holds:
    """Names that failed so often, one after another, that they are left alone: doubled each time, up to a limit."""

    def __init__(self, *, after: int, first: float, longest: float, most: int = MOST_NAMES) -> None:
        self._after = after
        self._first = first
        self._longest = longest
        self._most = most
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def failed(self, name: str, now: float) -> float:
        """Count a failure; until when the name is held, 0.0 if it is not yet."""
        failures = self._failures.pop(name, (0, 0.0))[0] + 1
        until = 0.0
        if failures >= self._after:
            until = now + min(self._first * 2 ** min(failures - self._after, 30), self._longest)
        self._failures[name] = (failures, until)
        if len(self._failures) > self._most:
            self._failures.popitem(last=False)
        return until

    def succeeded(self, name: str) -> None:
        """Forget its failures."""
        self._failures.pop(name, None)

    def left(self, name: str, now: float) -> int:
        """For how many whole seconds the name is held yet; 0 if it is not."""
        return max(0, ceil(self._failures.get(name, (0, 0.0))[1] - now))
