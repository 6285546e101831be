"""Callbacks of hubs over a real socket: questions, deliveries, and what is neither (WebSub §5.3, §7)."""

import hashlib
import hmac
import socket
import threading
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from aggregator.app.web import Health, Server, create_app
from aggregator.app.web.websub import websub_routes
from aggregator.domain.settings import Configuration, FetchSettings, Site
from aggregator.domain.source import Source
from aggregator.domain.subscription import Denied, PushState, Subscription, Verified
from aggregator.pipeline.inbox import Inbox
from aggregator.wiring import FixedClock
from storage import Database

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TOPIC = "https://paper.example/feed?a=1&b=2"
SECRET = "a-secret-that-nobody-knows"
BODY = b"<rss>news</rss>"
MOST = 2_000_000


@dataclass
class Desk:
    store: Database
    inbox: Inbox
    client: httpx.Client
    base: str

    def __post_init__(self):
        self.names = 0

    def subscription(self, **more):
        """A stored subscription, the source's only one that is live; its callback's path."""
        self.names += 1
        token = f"unguessable-{self.names}"
        values = {
            "source_id": "paper",
            "state": PushState.ACTIVE,
            "hubs": ("https://hub.example/",),
            "hub": "https://hub.example/",
            "topic": TOPIC,
            "callback": f"https://desk.example/news/websub/{token}",
            "secret": SECRET,
            "asked_until": NOW + timedelta(hours=1),
        }
        with self.store.write() as rooms:
            new = Subscription(**(values | more))
            for one in rooms.subscriptions.live([new.source_id]).values():
                rooms.subscriptions.put(replace(one, state=PushState.LEAVING))
            rooms.subscriptions.add(new)
        return f"{self.base}/websub/{token}"

    def verify(self, path, **more):
        question = {"mode": "subscribe", "topic": TOPIC, "challenge": "c<4>&7", "lease_seconds": "3600", **more}
        return self.client.get(path, params={f"hub.{k}": v for k, v in question.items() if v is not None})

    def deliver(self, path, body=BODY, *, signature=None, **headers):
        signature = signed(body) if signature is None else signature
        given = {"X-Hub-Signature": signature} if signature else {}
        return self.client.post(path, content=body, headers={"Content-Type": "application/rss+xml", **given, **headers})

    def holds_nothing(self):
        """Whether no body waits, and none that was dropped is counted."""
        free = [self.inbox.take_room(MOST, of=-number) for number in range(1, 4)]
        for number in range(sum(free)):
            self.inbox.give_back(MOST, of=-number - 1)
        return all(free)

    def words(self):
        return list(self.inbox.words())

    def delivered(self):
        found = list(self.inbox.deliveries())
        for one in found:
            self.inbox.read(one)
        return [one.body for one in found]


def signed(body, method="sha256", secret=SECRET):
    return f"{method}={hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()}"


@pytest.fixture(params=["", "/news"], ids=["cut off by a proxy", "whole"])
def desk(plain, request):
    """site.url has a path: a proxy may cut it off or not."""
    plain.base = request.param
    return plain


@pytest.fixture
def plain(standing):
    """One server for all: a test has its own subscriptions, and an empty inbox."""
    standing.base = ""
    standing.words()
    standing.delivered()
    return standing


@pytest.fixture(scope="module")
def standing(tmp_path_factory, sqlite_template):
    path = tmp_path_factory.mktemp("websub") / "news.db"
    path.write_bytes(sqlite_template.read_bytes())
    yield from open_desk(f"sqlite:///{path}", "")


def open_desk(url, base):
    sources = tuple(
        Source(id=name, url=f"https://{name}.example/feed", shown_url=f"https://{name}.example/feed")
        for name in ("paper", "north", "south", "west")
    )
    configuration = Configuration(
        path=Path("/nowhere/feeds.yaml"),
        site=Site(url="https://desk.example/news"),
        fetch=FetchSettings(max_body=MOST),
        sources=sources,
    )
    inbox = Inbox(most_bytes=3 * MOST)
    with closing(Database.open(url)) as store:
        with store.write() as rooms:
            rooms.sources.sync(sources, NOW)
        more = websub_routes(store, lambda: configuration, inbox, FixedClock(NOW))
        app = create_app(
            store=store, configuration=lambda: configuration, health=lambda: Health(started=NOW), more=more
        )
        server = Server(app)
        address = server.start("127.0.0.1", 0).rstrip("/")
        with httpx.Client(base_url=address, timeout=30) as client:
            yield Desk(store, inbox, client, base)
        server.stop()


def test_w3_a_question_to_what_was_asked_is_answered_with_its_challenge_alone(desk):
    path = desk.subscription()
    answer = desk.verify(path)
    assert (answer.status_code, answer.text) == (200, "c<4>&7")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert desk.words() == [Verified(subscription_id=desk.names, subscribe=True, lease=3600, at=NOW)]


@pytest.mark.parametrize(
    "question",
    [
        {"topic": "https://paper.example/feed"},
        {"topic": None},
        {"mode": "unsubscribe"},
        {"mode": "publish"},
        {"mode": None},
        {"challenge": None},
        {"challenge": ""},
        {"mode": "denied", "topic": "https://other.example/"},
    ],
)
def test_w3_every_other_question_is_not_found(plain, question):
    """Another topic, an end that nobody asked for, no challenge: 404, and nothing changes."""
    assert plain.verify(plain.subscription(), **question).status_code == 404
    assert plain.words() == []


def test_w3_what_was_asked_long_ago_or_not_at_all_is_not_found(plain):
    assert plain.verify(plain.subscription(asked_until=NOW - timedelta(seconds=1))).status_code == 404
    assert plain.verify(plain.subscription(asked_until=None)).status_code == 404
    assert plain.verify(plain.subscription(state=PushState.ENDED)).status_code == 404
    assert plain.verify("/websub/guessed").status_code == 404
    assert plain.verify(f"/websub/{'x' * 5000}").status_code == 404
    assert plain.client.head(plain.subscription()).status_code == 404
    assert plain.words() == []


def test_w3_an_end_that_was_asked_for_is_confirmed_and_a_subscription_is_not(plain):
    path = plain.subscription(state=PushState.LEAVING)
    assert plain.verify(path).status_code == 404
    answer = plain.verify(path, mode="unsubscribe", lease_seconds=None)
    assert (answer.status_code, answer.text) == (200, "c<4>&7")
    assert plain.words() == [Verified(subscription_id=plain.names, subscribe=False, lease=None, at=NOW)]


@pytest.mark.parametrize(
    ("text", "lease"),
    [("60", 60), ("99999999999", 2_592_000), ("-5", None), ("0", None), ("1e9", None), ("", None), ("x" * 99, None)],
)
def test_w4_a_lease_is_believed_within_bounds(plain, text, lease):
    """No number that a hub may write leads to a lease without end, or to an error."""
    plain.verify(plain.subscription(), lease_seconds=text)
    assert [word.lease for word in plain.words()] == [lease]


def test_w4_a_hub_may_deny(plain):
    path = plain.subscription()
    assert plain.verify(path, mode="denied", challenge=None, reason="not here").status_code == 200
    assert plain.words() == [Denied(subscription_id=plain.names, why="not here", at=NOW)]


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_w5_a_signed_delivery_is_accepted_at_once(desk, method):
    assert desk.deliver(desk.subscription(), signature=signed(BODY, method)).status_code == 202
    assert desk.delivered() == [BODY]


@pytest.mark.parametrize(
    ("signature", "status"),
    [
        (signed(BODY, secret="another"), 202),
        (signed(BODY + b" "), 202),
        ("sha256=00", 202),
        ("", 403),
        ("sha1=", 403),
        ("sha256=", 403),
        ("md5=d41d8cd98f00b204e9800998ecf8427e", 403),
        ("nonsense", 403),
    ],
)
def test_w5_a_forged_delivery_is_ignored(plain, signature, status):
    """A wrong signature learns nothing from the answer; a missing one, or another method, is refused."""
    path = plain.subscription()
    assert plain.deliver(path, signature=signature).status_code == status
    assert plain.delivered() == []
    assert plain.holds_nothing()


def test_a_delivery_without_a_secret_needs_no_signature(plain):
    assert plain.deliver(plain.subscription(secret=None), signature="").status_code == 202
    assert plain.delivered() == [BODY]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_delivery_of_100_mb_is_refused_and_not_held(plain, chunked):
    """Told by its length before a byte is read, else when it is over the limit; the answer is received."""
    path = plain.subscription()
    piece = b"x" * 1_000_000

    def pieces():
        for _ in range(100):
            yield piece

    length = {} if chunked else {"Content-Length": str(100 * len(piece))}
    given = {"X-Hub-Signature": signed(b""), "Connection": "close", **length}
    answer = plain.client.post(path, content=pieces(), headers=given)
    assert answer.status_code == 413
    assert plain.delivered() == []
    assert plain.holds_nothing()


def test_a_full_inbox_says_when_to_come_again(plain):
    """Bodies that wait are bounded; whoever is told 503 has left nothing behind. One hub never fills it alone."""
    paths = [plain.subscription(source_id=name) for name in ("paper", "north", "south", "west")]
    body = b"x" * (MOST - 1)
    assert plain.deliver(paths[0], body).status_code == 202
    assert plain.deliver(paths[0], body).status_code == 503
    assert [plain.deliver(path, body).status_code for path in paths[1:3]] == [202, 202]
    refused = plain.deliver(paths[3], body)
    assert refused.status_code == 503 and int(refused.headers["retry-after"]) > 0
    assert len(plain.delivered()) == 3
    assert plain.deliver(paths[0], body).status_code == 202


def test_a_client_that_goes_in_the_middle_leaves_nothing_behind(plain):
    path = plain.subscription()
    url = plain.client.base_url
    with socket.create_connection((url.host, url.port)) as peer:
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nX-Hub-Signature: {signed(BODY)}\r\nContent-Length: 1000000\r\n\r\n"
        peer.sendall(head.encode() + b"x" * 500_000)
    woken = threading.Event()
    for _ in range(300):
        if plain.holds_nothing():
            return
        woken.wait(0.05)
    pytest.fail("what it sent is still held")


def test_w7_a_callback_whose_source_went_is_gone(plain):
    """410, and nothing of the body is looked at."""
    for state in (PushState.LEAVING, PushState.ENDED):
        assert plain.deliver(plain.subscription(state=state)).status_code == 410
    assert plain.deliver("/websub/guessed").status_code == 404
    assert plain.delivered() == []


def test_w7_no_answer_is_a_redirect(plain):
    path = plain.subscription()
    answers = [plain.deliver(path), plain.deliver(path + "/"), plain.verify(path + "/"), plain.client.put(path)]
    assert [answer.is_redirect for answer in answers] == [False] * 4


def test_a_delivery_with_a_content_coding_is_refused(plain):
    assert plain.deliver(plain.subscription(), **{"Content-Encoding": "gzip"}).status_code == 415


def test_no_token_is_logged(plain, capsys, monkeypatch):
    """Whatever happens at a callback: the address in it is a secret."""
    path = plain.subscription()
    plain.deliver(path, signature="sha1=")
    plain.deliver(path, signature="sha256=00")
    monkeypatch.setattr(plain.inbox, "deliver", lambda _: 1 / 0)
    answer = plain.deliver(path)
    assert answer.status_code == 503
    told = "".join(capsys.readouterr())
    assert "callback_failed" in told and "delivery_refused" in told
    assert "unguessable" not in told and SECRET not in told
    assert plain.holds_nothing()


def test_a_stored_token_opens_by_its_digest_only(plain):
    """What is looked up is a digest: the store's index tells an attacker nothing of how near a guess was."""
    path = plain.subscription()
    with plain.store.read() as rooms:
        found = rooms.subscriptions.by_token(path.rpartition("/")[2])
        assert found is not None and replace(found, id=0).callback.endswith(path.rpartition("/")[2])
        assert rooms.subscriptions.by_token("") is None
