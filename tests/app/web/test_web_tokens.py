"""Topics that only a token opens, and the operator's own pages, over a real server."""

import base64
from dataclasses import replace

import pytest
from web_desk import FEED, NOON, TOPIC, document

from aggregator.app.web.tokens import digest, new_token
from aggregator.domain.topic import Access

SECRET = "rHk2_right-token"
CLOSED = replace(TOPIC, id="closed", title="Board papers", access=Access.TOKEN, was="old-closed")


@pytest.fixture
def closed(new_desk):
    """A public topic and one for subscribers, whose token is SECRET."""
    new_desk.configuration = replace(new_desk.configuration, topics=(TOPIC, CLOSED))
    with new_desk.store.write() as rooms:
        rooms.topics.sync([TOPIC, CLOSED], {"world": b"d" * 16, "closed": b"c" * 16})
        rooms.tokens.add("closed", "ann", digest(SECRET), NOON)
        rooms.tokens.add("world", "bob", digest("other"), NOON)
    new_desk.put(
        "closed",
        document("private/topics/closed.atom", FEED),
        document("private/topics/closed.html", b"<p>Papers</p>", "text/html; charset=utf-8"),
    )
    return new_desk


def basic(password, user="x"):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize("path", ["/topics/closed", "/topics/closed.html", "/topics/closed.atom"])
def test_a_token_opens_it(closed, path):
    """In the address or as the password, whatever the user's name."""
    for answer in (closed.get(f"{path}?token={SECRET}"), closed.get(path, Authorization=basic(SECRET, "anybody"))):
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, max-age=60"
        assert "Authorization" in answer.headers["vary"]
    again = closed.get(f"{path}?token={SECRET}", If_None_Match=answer.headers["etag"])
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/topics/closed",
        "/topics/closed.atom",
        "/topics/closed.rss",
        "/topics/closed/archive/1.atom",
        "/topics/closed/",
        "/topics/old-closed.atom",
    ],
)
def test_without_one_nothing_is_said(closed, path):
    """Not even what there is, and where a renamed topic is now."""
    for query, headers in (
        ("", {}),
        ("?token=", {}),
        ("?token=wrong", {}),
        ("?token=other", {}),
        (f"?token={SECRET}x", {}),
        (f"?token=wrong&token={SECRET}", {}),
        ("", {"Authorization": basic("wrong")}),
        ("", {"Authorization": basic(SECRET)[:-4]}),
        ("", {"Authorization": f"Bearer {SECRET}"}),
        ("", {"Authorization": "Basic !"}),
        ("", {"Authorization": basic("", SECRET)}),
    ):
        answer = closed.get(path + query, **headers)
        assert answer.status_code in {401, 404}, (query, headers)
        assert FEED not in answer.wire and b"Papers" not in answer.wire
        assert "location" not in answer.headers
    assert closed.get("/topics/closed").headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "path",
    [
        "/private/topics/closed.atom",
        "/private/topics/closed",
        "/private/",
        "/%70rivate/topics/closed.atom",
        "//private/topics/closed.atom",
    ],
)
def test_there_is_no_way_around(closed, path):
    answer = closed.get(f"{path}?token={SECRET}")
    assert answer.status_code == 404
    assert FEED not in answer.wire


def test_a_token_leads_on_to_the_new_address(closed):
    answer = closed.get(f"/topics/old-closed.atom?token={SECRET}")
    assert (answer.status_code, answer.headers["location"]) == (301, f"/topics/closed.atom?token={SECRET}")


def test_a_revoked_token_opens_nothing(closed):
    with closed.store.write() as rooms:
        assert rooms.tokens.revoke("closed", "ann")
    assert closed.get(f"/topics/closed.atom?token={SECRET}").status_code == 401


def test_a_topic_that_just_became_private_shows_no_older_document(closed):
    """Before it is published again its public documents are still stored."""
    closed.configuration = replace(closed.configuration, topics=(replace(TOPIC, access=Access.TOKEN),))
    assert closed.get("/topics/world.atom").status_code == 401
    assert closed.get("/topics/world").status_code == 401


def test_the_status_page_does_not_name_it(closed):
    """To strangers; the operator sees it."""
    assert "Board papers" not in closed.get("/status", Via="1.1 proxy").wire.decode()
    assert "Board papers" in closed.get("/status").wire.decode()


def test_the_operators_token_replaces_the_machine(closed):
    """Once there is one, sitting at the machine is not enough."""
    assert closed.get("/metrics").status_code == 200
    with closed.store.write() as rooms:
        rooms.tokens.add("operator", "me", digest(SECRET), NOON)
    for path in ("/metrics", "/sources.opml"):
        assert closed.get(path).status_code == 401
        assert closed.get(f"{path}?token={SECRET}", Via="1.1 proxy").status_code == 200
        assert closed.get(path, Authorization=basic("wrong")).status_code == 401
    assert "Board papers" not in closed.get("/status").wire.decode()
    assert "Board papers" in closed.get("/status", Authorization=basic(SECRET)).wire.decode()


def test_tokens_are_never_alike():
    """And pass through addresses unchanged."""
    made = {new_token() for _ in range(100)}
    assert len(made) == 100
    assert all(token.replace("-", "").replace("_", "").isalnum() and len(token) >= 32 for token in made)
