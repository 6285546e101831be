"""A connection to the first of several judged addresses that takes one: happy eyeballs, the light way (RFC 8305 §5).

The families stand in turn, so that the second attempt is of the other family; it is begun a quarter of a second
after the first, or as soon as that fails. A dead IPv6 costs that quarter, not a timeout.
"""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.steps.fetch.lookup import SockAddr

MAX_ADDRESSES = 4
HEAD_START = 0.25  # seconds; RFC 8305 §8


async def dial(addresses: Sequence[SockAddr]) -> socket.socket:
    """A connection to one of the addresses, the first that answers.

    Raises:
        OSError: the last one's error.
    """
    left = list(addresses[:MAX_ADDRESSES])
    if len(left) == 1:
        return await _dial(left[0])
    under_way: set[asyncio.Task[socket.socket]] = set()
    error: BaseException = OSError("there is no address")
    try:
        while left or under_way:
            if left:
                under_way.add(asyncio.create_task(_dial(left.pop(0))))
            wait = HEAD_START if left else None
            done, under_way = await asyncio.wait(under_way, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            failures = [failure for task in done if (failure := task.exception()) is not None]
            error = failures[-1] if failures else error
            connected = [task.result() for task in done if task.exception() is None]
            for other in connected[1:]:
                other.close()
            if connected:
                return connected[0]
    finally:
        await _give_up(under_way)
    raise error


async def _give_up(tasks: set[asyncio.Task[socket.socket]]) -> None:
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, socket.socket):
            result.close()


async def _dial(address: SockAddr) -> socket.socket:
    family, sockaddr = address
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(sock, sockaddr)
    except BaseException:
        sock.close()
        raise
    return sock
