"""Callbacks of hubs: `/websub/TOKEN` (W3C WebSub §5.3, §7).

Nothing is written here: what a hub says is looked up, answered, and left in the inbox for the writer. A body is
read with a bound before its signature is worked out, and nothing is read for a token that opens no subscription.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, NoReturn

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.routing import Route

from aggregator.app.web.answers import TEXT, unstored
from aggregator.domain.subscription import Delivery, Denied, PushState, Verified
from aggregator.errors import StorageError
from aggregator.steps.push import verify
from aggregator.steps.push.signature import is_signature
from aggregator.steps.push.subscribe import expects, lease_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from aggregator.domain.settings import Configuration
    from aggregator.domain.subscription import Subscription
    from aggregator.pipeline.inbox import Inbox
    from aggregator.ports import Clock, Store

log = structlog.get_logger()

LONGEST_TOKEN = 100
THROWN_AWAY = 200_000_000  # bytes of a body that is too large
LONGEST_TYPE = 200
BUSY_STATUS = 503
BUSY = {"Retry-After": "30"}
OVER = frozenset({PushState.LEAVING, PushState.ENDED})


def websub_routes(store: Store, configuration: Callable[[], Configuration], inbox: Inbox, clock: Clock) -> list[Route]:
    """The callbacks' address."""
    callbacks = _Callbacks(store, configuration, inbox, clock)
    return [Route("/websub/{token}", callbacks.answer, methods=["GET", "POST"])]


def websub_elsewhere() -> list[Route]:
    """The same where nobody listens to hubs, since the daemon runs elsewhere or later: they come again."""

    async def later(request: Request) -> Response:
        return unstored(request, "hubs are answered while `aggregator run` works\n", status=BUSY_STATUS, headers=BUSY)

    return [Route("/websub/{token}", later, methods=["GET", "POST"])]


class _RefusedError(Exception):
    """A delivery that is not taken: the status to answer with, and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class _Callbacks:
    def __init__(self, store: Store, configuration: Callable[[], Configuration], inbox: Inbox, clock: Clock) -> None:
        self._store = store
        self._configuration = configuration
        self._inbox = inbox
        self._clock = clock

    async def answer(self, request: Request) -> Response:
        """Whatever a hub, or somebody else, wants of a callback."""
        try:
            return await self._answer(request)
        except _RefusedError as refused:
            headers = BUSY if refused.status == BUSY_STATUS else {}
            return unstored(request, f"{refused}\n", status=refused.status, headers=headers)
        except ClientDisconnect:
            return unstored(request, "", status=400)  # to nobody
        except Exception as error:  # noqa: BLE001 - the application would log the path, which is a secret here
            why = str(error) if isinstance(error, StorageError) else f"a bug of ours: {type(error).__name__}"
            log.error("callback_failed", error=why)  # noqa: TRY400 - the traceback holds the secret, too
            return unstored(request, "one moment\n", status=503, headers=BUSY)

    async def _answer(self, request: Request) -> Response:
        subscription = await run_in_threadpool(self._find, request.path_params["token"])
        if subscription is None or request.method == "HEAD":
            return unstored(request, "nothing here\n", status=404)
        if request.method == "POST":
            return await self._deliver(request, subscription)
        return self._verify(request, subscription)

    def _find(self, token: str) -> Subscription | None:
        if len(token) > LONGEST_TOKEN:
            return None
        with self._store.read() as rooms:
            return rooms.subscriptions.by_token(token)

    def _verify(self, request: Request, subscription: Subscription) -> Response:
        """A hub's question: yes, exactly with its challenge, to what was asked of it and to nothing else."""
        given = request.query_params
        mode, topic, now = given.get("hub.mode", ""), given.get("hub.topic", ""), self._clock.now()
        if mode == "denied" and topic == subscription.topic and subscription.state is not PushState.ENDED:
            word = Denied(subscription_id=subscription.id, why=given.get("hub.reason", ""), at=now)
            return self._told(request, word, "noted\n")
        challenge = given.get("hub.challenge", "")
        if not challenge or not expects(subscription, mode, topic, now):
            return unstored(request, "nothing of that was asked for\n", status=404)
        subscribe = mode == "subscribe"
        lease = lease_of(given.get("hub.lease_seconds")) if subscribe else None
        verified = Verified(subscription_id=subscription.id, subscribe=subscribe, lease=lease, at=now)
        return self._told(request, verified, challenge)

    def _told(self, request: Request, word: Verified | Denied, text: str) -> Response:
        if not self._inbox.tell(word):
            return unstored(request, "one moment\n", status=503, headers=BUSY)
        return unstored(request, text, media_type=TEXT)

    async def _deliver(self, request: Request, subscription: Subscription) -> Response:
        """A delivery: a 2xx as soon as it is whole and signed; what it holds is looked at later."""
        signature = request.headers.get("x-hub-signature")
        self._refuse_unread(request, subscription, signature)
        body = await self._received(request, subscription.id)
        handed_over = False
        try:
            secret = subscription.secret
            if secret is not None and not await run_in_threadpool(verify, secret, body, signature):
                # Told nothing, whoever tries signatures learns nothing (WebSub §7.2).
                log.warning("delivery_refused", source=subscription.source_id, reason="its signature is wrong")
                return unstored(request, "accepted\n", status=202)
            handed_over = self._inbox.deliver(self._delivery(request, subscription, body))
            if not handed_over:
                raise _RefusedError(503, "too many at once")
        finally:
            if not handed_over:
                self._inbox.give_back(len(body), of=subscription.id)
        return unstored(request, "accepted\n", status=202)

    def _refuse_unread(self, request: Request, subscription: Subscription, signature: str | None) -> None:
        """See to what makes reading the body vain."""
        if subscription.state in OVER:
            raise _RefusedError(410, "nobody listens here any more")
        if subscription.secret is not None and not is_signature(signature):
            log.warning("delivery_refused", source=subscription.source_id, reason="it is not signed")
            raise _RefusedError(403, "it is not signed by sha1, sha256, sha384 or sha512")
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise _RefusedError(415, "bodies are taken as they are, without a content coding")

    async def _received(self, request: Request, subscription_id: int) -> bytes:
        """The body, for which the inbox has room now."""
        most = self._configuration().fetch.max_body
        stream = request.stream()
        if _stated(request) > most:
            await _refuse_large(request, stream)
        pieces: list[bytes] = []
        size = 0
        whole = False
        try:
            async for piece in stream:
                if size + len(piece) > most:
                    pieces.clear()
                    await _refuse_large(request, stream)
                if not self._inbox.take_room(len(piece), of=subscription_id):
                    raise _RefusedError(503, "too much at once")
                size += len(piece)
                pieces.append(piece)
            whole = True
        finally:
            if not whole:
                self._inbox.give_back(size, of=subscription_id)
        return b"".join(pieces)

    def _delivery(self, request: Request, subscription: Subscription, body: bytes) -> Delivery:
        return Delivery(
            subscription_id=subscription.id,
            source_id=subscription.source_id,
            topic=subscription.topic,
            body=body,
            content_type=request.headers.get("content-type", "")[:LONGEST_TYPE].encode("latin-1", "replace"),
            digest=blake2b(body, digest_size=16).digest(),
            at=self._clock.now(),
        )


async def _refuse_large(request: Request, stream: AsyncIterator[bytes]) -> NoReturn:
    """Throw away what still comes: where a connection is cut while a hub sends, it never reads the answer."""
    left = THROWN_AWAY
    if "expect" not in request.headers:  # such a hub waits for the answer before it sends
        async for piece in stream:
            left -= len(piece)
            if left < 0:
                break
    raise _RefusedError(413, "too large")


def _stated(request: Request) -> int:
    text = request.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else 0
