"""Published documents over HTTP: types, validators, conditions, encodings."""

import gzip
from datetime import timedelta

import brotli
import pytest
from web_desk import ATOM, FEED, NOON, document

from aggregator.app.web.representations import Documents

ETAG = document("x", FEED).etag
GZIP_ETAG = f'{ETAG[:-1]}-gzip"'


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/index.html", "text/html; charset=utf-8"),
        ("/topics/world", "text/html; charset=utf-8"),
        ("/topics/world.html", "text/html; charset=utf-8"),
        ("/topics/world.atom", ATOM),
        ("/topics.opml", "text/x-opml; charset=utf-8"),
        ("/assets/style.css", "text/css; charset=utf-8"),
        ("/assets/icon.svg", "image/svg+xml; charset=utf-8"),
        ("/assets/icon.png", "image/png"),
        ("/favicon.ico", "image/png"),
    ],
)
def test_types(desk, path, media_type):
    """Every document says exactly what it is, and may not be taken for anything else."""
    response = desk.get(path)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == media_type
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert len(response.wire) == int(response.headers["Content-Length"]) > 0


def test_validators(desk):
    """A document carries its stored ETag, the time its bytes changed, and how long it keeps."""
    response = desk.get("/topics/world.atom")
    assert response.wire == FEED
    assert response.headers["ETag"] == ETAG
    assert response.headers["Last-Modified"] == "Fri, 20 Nov 2026 12:00:00 GMT"
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert response.headers["Vary"] == "Accept-Encoding, Sec-Fetch-Dest"
    assert desk.get("/").headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "accepted", ["gzip", "x-gzip", "gzip, br;q=0.5", "GZIP;q=0.5, identity;q=0.1", "br;q=0, *", "br;q=0,gzip"]
)
def test_gzip(desk, accepted):
    """Who takes gzip gets it, with an ETag of its own; it unpacks to the same bytes."""
    response = desk.get("/topics/world.atom", Accept_Encoding=accepted)
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["ETag"] == GZIP_ETAG
    assert gzip.decompress(response.wire) == FEED
    assert len(response.wire) == int(response.headers["Content-Length"]) < len(FEED) / 2


@pytest.mark.parametrize("accepted", ["br", "gzip, deflate, br, zstd", "*", "br;q=1.0, *;q=0.001", "gzip;q=0, *"])
def test_brotli(desk, accepted):
    """Who takes brotli as gladly as gzip gets it, smaller, with an ETag of its own."""
    response = desk.get("/topics/world.atom", Accept_Encoding=accepted)
    assert response.headers["Content-Encoding"] == "br"
    assert response.headers["ETag"] == f'{ETAG[:-1]}-br"'
    assert brotli.decompress(response.wire) == FEED
    assert len(response.wire) < len(desk.get("/topics/world.atom", Accept_Encoding="gzip").wire)


@pytest.mark.parametrize(
    "accepted",
    [
        "identity",
        "identity, gzip;q=0.5, br;q=0.1",
        "",
        "zstd",
        "gzip;q=0",
        "gzip;q=0, br;q=0, *",
        "gzip;q=zebra",
        "br, gzip;q=zebra",
        ";;,",
    ],
)
def test_no_compression(desk, accepted):
    """Who takes neither gzip nor brotli, or less gladly, or says something unreadable, gets the plain bytes."""
    response = desk.get("/topics/world.atom", Accept_Encoding=accepted)
    assert "Content-Encoding" not in response.headers
    assert response.wire == FEED


def test_small_and_packed_files_are_not_compressed(desk):
    """Compression that gains nothing is left out."""
    assert "Content-Encoding" not in desk.get("/assets/icon.png", Accept_Encoding="gzip").headers
    assert "Content-Encoding" not in desk.get("/topics/world", Accept_Encoding="gzip").headers


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"If_None_Match": ETAG}, 304),
        ({"If_None_Match": f"W/{ETAG}"}, 304),
        ({"If_None_Match": f'"other", W/"more" ,{ETAG}'}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": GZIP_ETAG}, 304),
        ({"If_None_Match": f'{ETAG[:-1]}-br"'}, 304),
        ({"If_None_Match": '"other"'}, 200),
        ({"If_None_Match": ETAG.strip('"')}, 200),
        ({"If_None_Match": f"{ETAG}, broken"}, 200),
        ({"If_None_Match": '"' + "x" * 20_000 + '"'}, 200),
        ({"If_Modified_Since": "Fri, 20 Nov 2026 12:00:00 GMT"}, 304),
        ({"If_Modified_Since": "Friday, 20-Nov-26 12:00:00 GMT"}, 304),
        ({"If_Modified_Since": "Fri, 20 Nov 2026 13:00:00 GMT"}, 304),
        ({"If_Modified_Since": "Fri, 20 Nov 2026 11:59:59 GMT"}, 200),
        ({"If_Modified_Since": "yesterday"}, 200),
        ({"If_Modified_Since": "Fri, 99 Nov 99999 99:00:00 +9999"}, 200),
        ({"If_None_Match": '"other"', "If_Modified_Since": "Fri, 20 Nov 2026 13:00:00 GMT"}, 200),
        ({"If_None_Match": ETAG, "If_Modified_Since": "Fri, 20 Nov 2020 13:00:00 GMT"}, 304),
        ({"If_Match": '"other"'}, 412),
        ({"If_Match": f"W/{ETAG}"}, 412),
        ({"If_Match": ETAG}, 200),
        ({"If_Match": "*", "If_None_Match": ETAG}, 304),
        ({"If_Unmodified_Since": "Fri, 20 Nov 2026 11:00:00 GMT"}, 412),
        ({"If_Unmodified_Since": "Fri, 20 Nov 2026 12:00:00 GMT"}, 200),
        ({"Range": "bytes=0-0,2-2"}, 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditions(desk, said, status, method):
    """RFC 9110 §13.2.2: If-None-Match beats If-Modified-Since, compares weakly, takes lists and `*`; no ranges."""
    response = desk.get("/topics/world.atom", method, **said)
    assert response.status_code == status
    assert response.wire == (FEED if status == 200 and method == "GET" else b"")
    for name in ("ETag", "Cache-Control", "Vary", "Last-Modified"):
        assert name in response.headers
    assert ("Content-Type" in response.headers) == (status == 200)


@pytest.mark.parametrize(("accepted", "suffix"), [("identity", ""), ("gzip", "-gzip"), ("gzip, br", "-br")])
def test_a_feed_opened_in_a_browser_is_a_representation_of_its_own(desk, accepted, suffix):
    """Its ETag answers nobody else's condition, nor theirs its own; no shared cache keeps it for feed readers."""
    path, said = "/topics/world.atom", {"Accept_Encoding": accepted}
    read = desk.get(path, **said)
    opened = desk.get(path, Sec_Fetch_Dest="document", **said)
    assert opened.wire == read.wire
    assert (read.headers["Content-Type"], opened.headers["Content-Type"]) == (ATOM, "application/xml; charset=utf-8")
    assert read.headers["ETag"] == f'{ETAG[:-1]}{suffix}"'
    assert opened.headers["ETag"] == f'{ETAG[:-1]}{suffix}-xml"'
    assert (read.headers["Cache-Control"], opened.headers["Cache-Control"]) == (
        "public, max-age=60",
        "private, max-age=60",
    )
    assert desk.get(path, Sec_Fetch_Dest="document", If_None_Match=read.headers["ETag"], **said).status_code == 200
    assert desk.get(path, Sec_Fetch_Dest="empty", If_None_Match=opened.headers["ETag"], **said).status_code == 200
    again = desk.get(path, Sec_Fetch_Dest="document", If_None_Match=opened.headers["ETag"], **said)
    assert (again.status_code, again.headers["ETag"]) == (304, opened.headers["ETag"])
    assert desk.get("/", Sec_Fetch_Dest="document").headers["ETag"] == desk.get("/").headers["ETag"]


def test_a_frozen_page_keeps_for_good(desk):
    """A page of an archive that never changes again is not asked for twice; one that still grows is."""
    head = b'<feed xmlns:fh="http://purl.org/syndication/history/1.0"><fh:archive/></feed>'
    desk.put(
        "world",
        document("topics/world/archive/1.atom", head, ATOM),
        document("topics/world/archive/2.atom", b"<feed>growing</feed>", ATOM),
    )
    said = [desk.get(f"/topics/world/archive/{page}.atom").headers["Cache-Control"] for page in (1, 2)]
    assert said == ["public, max-age=31536000, immutable", "public, max-age=60"]


def test_head_is_get_without_a_body(desk):
    got, head = (desk.get("/topics/world.atom", method, Accept_Encoding="gzip") for method in ("GET", "HEAD"))
    assert head.wire == b""
    assert {k: v for k, v in head.headers.items() if k != "date"} == {
        k: v for k, v in got.headers.items() if k != "date"
    }


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
@pytest.mark.parametrize("path", ["/", "/topics/world.atom", "/status", "/healthz"])
def test_only_reading(desk, method, path):
    """Other methods answer 405 and say which are allowed."""
    response = desk.get(path, method)
    assert response.status_code == 405
    assert {m.strip() for m in response.headers["Allow"].split(",")} == {"GET", "HEAD"}


def test_a_feed_opened_in_a_browser(desk):
    """A person gets the same bytes as XML, for which browsers ask the style; programs get the feed's own type."""
    for said, media_type in (({}, ATOM), ({"Sec_Fetch_Dest": "empty"}, ATOM), ({"Sec_Fetch_Dest": "image"}, ATOM)):
        assert desk.get("/topics/world.atom", **said).headers["Content-Type"] == media_type
    opened = desk.get("/topics/world.atom", Sec_Fetch_Dest="document")
    assert (opened.headers["Content-Type"], opened.wire) == ("application/xml; charset=utf-8", FEED)
    page = desk.get("/topics/world", Sec_Fetch_Dest="document")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    style = desk.get("/assets/feed.css")
    assert (style.status_code, style.headers["Content-Type"]) == (200, "text/css; charset=utf-8")


def test_news_is_served_at_once(desk):
    """A document published again goes out with its new ETag; unchanged bytes keep theirs."""
    assert desk.get("/topics/world.atom").headers["ETag"] == ETAG
    desk.put("world", document("topics/world.atom", FEED), at=NOON + timedelta(hours=1))
    unchanged = desk.get("/topics/world.atom", If_None_Match=ETAG)
    assert (unchanged.status_code, unchanged.headers["Last-Modified"]) == (304, "Fri, 20 Nov 2026 12:00:00 GMT")
    desk.put("world", document("topics/world.atom", b"<new/>"), at=NOON + timedelta(hours=2))
    changed = desk.get("/topics/world.atom", If_None_Match=ETAG)
    assert (changed.wire, changed.headers["Last-Modified"]) == (b"<new/>", "Fri, 20 Nov 2026 14:00:00 GMT")


def test_withdrawn_documents_go_at_once(desk):
    """What is no longer published is no longer served, although it was in memory."""
    assert desk.get("/topics/world").status_code == 200
    desk.put("world", document("topics/world.atom", FEED))
    assert desk.get("/topics/world").status_code == 404


def test_before_the_first_publication(desk):
    """Who opens a site that never published is told to wait, not that nothing is here."""
    desk.put(None)
    response = desk.get("/")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert b"being read for the first time" in response.wire
    assert desk.get("/other").status_code == 404


def test_a_topic_before_its_first_publication(desk):
    """A reader that subscribes early is told to come again: after a 404 some never do."""
    for path in ("/topics/world", "/topics/world.atom"):
        desk.put("world")
        response = desk.get(path)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert desk.get("/topics/world.xml").status_code == desk.get("/topics/other.atom").status_code == 404


def test_served_under_the_public_path(desk):
    """With a path in site.url everything answers below it too, whether or not a proxy cuts it off."""
    desk.reconfigure(url="https://news.example.org/desk")
    for path in ("/desk/topics/world.atom", "/topics/world.atom"):
        assert desk.get(path).wire == FEED
    assert desk.get("/desk/").status_code == desk.get("/desk/status").status_code == 200
    missing = desk.get("/desk")
    assert (missing.status_code, missing.headers["Location"]) == (308, "/desk/")
    assert b'href="/desk/assets/style.css"' in desk.get("/desk/nothing").wire


def test_a_public_path_may_be_named_like_a_folder(desk):
    """site.url may end in /topics: the published folder of that name is still found."""
    desk.reconfigure(url="https://news.example.org/topics")
    for path in ("/topics/topics/world.atom", "/topics/world.atom"):
        assert desk.get(path).wire == FEED


def test_a_slash_too_many(desk):
    """A trailing slash leads to the page, by a path alone: the Host header is never repeated."""
    response = desk.get("/topics/world/", Host="evil.example")
    assert (response.status_code, response.headers["Location"]) == (308, "/topics/world")
    assert desk.get("/topics/none/").status_code == 404


def test_memory_is_bounded(desk):
    """Bodies are kept while they fit: the longest unused go first, and everything is still served right."""
    many = [document(f"topics/world-{n}.atom", bytes([65 + n]) * 10_000) for n in range(9)]
    desk.put("world", *many)
    documents = Documents(desk.store, kept=35_000)
    for wanted in (*many, *reversed(many), many[0]):
        assert documents.get(wanted.path).plain.body == wanted.body
        assert sum(len(served.plain.body) for served in documents._known.values()) <= 35_000
        assert documents._size == sum(served.size for served in documents._known.values())
    assert len(documents._known) == 3
    assert documents.get(many[0].path) is documents.get(many[0].path)
