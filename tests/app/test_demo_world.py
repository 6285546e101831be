"""The demo's news world: any moment of it can be asked for, its feeds are what they claim, its server is polite."""

import gzip
import http.client
import io
import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import feedparser
import pytest
from ruamel.yaml import YAML

from aggregator.app.demo.copying import copied
from aggregator.app.demo.feeds import demo_files, feeds_yaml
from aggregator.app.demo.outlets import library
from aggregator.app.demo.server import DemoServer
from aggregator.app.demo.timetable import Timetable
from aggregator.app.demo.world import WINDOW, World
from aggregator.config.load import load

VERSIONS = {
    "/orla-wire/feed.xml": "rss20",
    "/merrow-post/rss.xml": "rss20",
    "/fennick-lantern/atom.xml": "atom10",
    "/field-notes/atom.xml": "atom10",
    "/tarn-gazette/feed.xml": "rss091u",
    "/harbour-hours/podcast.xml": "rss20",
    "/bay-pictures/pictures.xml": "rss20",
    "/meiruo-chenbao/rss.xml": "rss20",
    "/aola-gongye/rss.xml": "rss20",
    "/meiruo-guancha/atom.xml": "atom10",
    "/dahuoer-zhuan/rss.xml": "rss20",
    "/merou-tsushin/index.rdf": "rss10",
    "/manarat-merrow/rss.xml": "rss20",
}


def parsed(feed):
    return feedparser.parse(io.BytesIO(feed.body), response_headers={"content-type": feed.media_type})


def keys(seed, elapsed):
    return [arrival.article.key for arrival in Timetable(seed, library()).until(elapsed)]


def test_the_world_is_a_pure_function_of_its_seed_and_the_moment():
    """Two worlds agree at any moment, in whatever order the moments are asked for; another seed is another world."""
    one, two = World(5), World(5)
    later = one.at(500.9)
    assert one.at(130) == two.at(130.7)
    assert two.at(500) == later
    assert World(6).at(130) != one.at(130)


def test_nothing_that_was_shown_changes_its_place_later():
    """The past of a later moment is the earlier moment: no item is unpublished or moved in time."""
    assert keys(1, 900)[: len(keys(1, 300))] == keys(1, 300)


def test_there_is_a_stock_of_two_days_and_then_an_item_every_three_to_five_seconds():
    """Whoever opens the page sees news at once, and more while looking."""
    arrivals = Timetable(1, library()).until(600)
    stock = [arrival.at for arrival in arrivals if arrival.at <= 0]
    live = [arrival.at for arrival in arrivals if arrival.at > 0]
    assert len(stock) >= 40
    assert -2 * 86_400 <= min(stock) < -86_400 and max(stock) <= -60
    gaps = [b - a for a, b in zip([0, *live], live, strict=False)]
    assert set(gaps) == {3, 4, 5}


def test_the_world_never_runs_dry_and_slackens_when_left_alone():
    """After an hour something still happens; after a night the world is still small."""
    assert len(keys(1, 3600)) > len(keys(1, 3000))
    assert len(keys(1, 12 * 3600)) < 3000


@pytest.mark.parametrize("seed", range(1, 6))
def test_every_article_and_every_copy_appears_once_and_copies_come_after(seed):
    """All that is written is shown within a few minutes, and nobody copies what is not there yet."""
    shown = keys(seed, 15 * 60)
    assert len(shown) == len(set(shown))
    for copying in library().copies:
        copy = copied(copying, library())
        assert shown.index(copy.key) > shown.index(copying.of)
    assert set(library().articles) <= set(shown)


def test_there_are_more_than_sixty_articles_each_with_a_text():
    """Enough to look at, and every one of them worth a page."""
    articles = library().articles.values()
    assert len(articles) >= 60
    assert all(article.title and article.paragraphs and article.author and article.category for article in articles)
    assert {outlet.language for outlet in library().outlets.values()} == {"en", "zh-Hans", "zh-Hant", "ja", "ar"}


@pytest.mark.parametrize("path", sorted(VERSIONS))
def test_each_feed_is_what_its_dialect_claims(path):
    """Every feed is well formed, of its version, in its encoding, and holds what its outlet printed."""
    world = World(1)
    feed = world.at(400)[path]
    document = parsed(feed)
    outlet = world.outlets[path.split("/")[1]]
    printed = world.articles(outlet.id, 400)[:WINDOW]
    assert document.version == VERSIONS[path]
    assert not document.bozo or isinstance(document.bozo_exception, feedparser.CharacterEncodingOverride)
    assert document.encoding == ("gb18030" if "chenbao" in path else "utf-8")
    assert [entry.title for entry in document.entries] == [entry.title for entry in printed]
    assert [entry.link for entry in document.entries] == [entry.link for entry in printed]
    assert document.feed.title == outlet.title


def test_the_json_feed_is_complete():
    """JSON Feed 1.1: id, address, text and dates of every entry."""
    world = World(1)
    feed = json.loads(world.at(400)["/kelp-and-copper/feed.json"].body)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["title"] for item in feed["items"]] == [e.title for e in world.articles("kelp-and-copper", 400)]
    assert all({"id", "url", "content_html", "date_published", "date_modified"} <= set(item) for item in feed["items"])


def test_every_feed_is_covered_by_a_dialects_test():
    """A new outlet cannot slip past the tests above."""
    old = "/tarn-gazette/rss"
    assert set(World(1).at(0)) == {*VERSIONS, "/kelp-and-copper/feed.json", old}


def test_a_copied_link_is_the_originals_with_tracking_parameters():
    """These copies are one story for whoever cleans the links."""
    world = World(1)
    post = {entry.slug: entry.link for entry in world.articles("merrow-post", 900)}
    wire = {entry.slug: entry.link for entry in world.articles("orla-wire", 900)}
    slug = "electric-ferry-sets-out"
    assert post[slug] == wire[slug] + "?utm_source=merrow-post&utm_medium=rss"


def test_the_farm_writes_traditional_script_with_pinyin_and_a_credit():
    """Its copies look as such copies do, so that later joining them means something."""
    farm = World(1).articles("dahuoer-zhuan", 900)
    assert len(farm) >= 4
    for entry in farm:
        text = " ".join(entry.paragraphs)
        assert re.search(r"[\u4e00-\u9fff]\([a-z]*[āáǎàēéěèīíǐìōóǒòūúǔùǘǚǜ][a-z]*\)", text)
        assert "來" in entry.paragraphs[0] and "源:" in entry.paragraphs[0]
        assert "业" not in text


def test_a_headline_is_corrected_while_the_guid_stays():
    """An edit changes the title and the time of change, nothing else that identifies the entry."""
    world = World(1)
    corrected = 0
    for outlet in world.outlets:
        before = {entry.guid: entry for entry in world.articles(outlet, 0)}
        after = {entry.guid: entry for entry in world.articles(outlet, 200)}
        for guid, entry in before.items():
            if after[guid].title != entry.title:
                corrected += 1
                assert after[guid].updated > entry.updated
                assert (after[guid].link, after[guid].published) == (entry.link, entry.published)
    assert corrected >= 2


def test_one_outlet_rests_now_and_then_and_one_has_moved():
    """What goes wrong on the web goes wrong here: 503 with Retry-After, and a permanent redirect."""
    world = World(1)
    resting = world.at(50)["/merou-tsushin/index.rdf"]
    assert resting.status == 503 and ("Retry-After", "10") in resting.headers and resting.etag is None
    assert world.at(60)["/merou-tsushin/index.rdf"].status == 200
    moved = world.at(0)["/tarn-gazette/rss"]
    assert moved.status == 301
    assert dict(moved.headers)["Location"] == world.base_url + "/tarn-gazette/feed.xml"


def test_the_program_accepts_the_demos_configuration(tmp_path):
    """Loaded as any feeds.yaml is: every source may be visited, every topic selects."""
    configuration = load(demo_files(tmp_path, "http://127.0.0.1:4711", 8123))
    assert configuration.fetch.allow_hosts == ("127.0.0.1:4711",)
    assert len(configuration.sources) == len(library().outlets)
    assert all(topic.title for topic in configuration.topics)


def test_feeds_yaml_subscribes_to_every_outlet_and_the_comments_are_there(tmp_path):
    """The demo's configuration is whole, and something to learn from."""
    path = demo_files(tmp_path, "http://127.0.0.1:4711", 8123)
    text = path.read_text(encoding="utf-8")
    loaded = YAML(typ="safe").load(text)
    assert text == feeds_yaml("http://127.0.0.1:4711", port=8123)
    assert loaded["site"]["url"] == "http://127.0.0.1:8123"
    assert loaded["fetch"]["allow_hosts"] == ["127.0.0.1:4711"]
    assert [source["id"] for source in loaded["sources"]] == list(library().outlets)
    assert "http://127.0.0.1:4711/tarn-gazette/rss" in [source["url"] for source in loaded["sources"]]
    assert len(loaded["topics"]) == 5
    assert text.count("#") >= 8


class Times:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = datetime(2026, 3, 2, 9, 0, 0, 400_000, tzinfo=UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def demo():
    clock = Times()
    with DemoServer(now=clock) as server:
        server.clock = clock
        yield server


def get(demo, path, method="GET", **headers):
    connection = http.client.HTTPConnection(demo.base_url.removeprefix("http://"), timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def test_the_server_serves_the_world(demo):
    """Bytes over HTTP are the world's bytes, and time moves them on."""
    answer, body = get(demo, "/orla-wire/feed.xml")
    assert (answer.status, body) == (200, demo.world.at(0)["/orla-wire/feed.xml"].body)
    demo.clock.now += timedelta(seconds=300)
    assert get(demo, "/orla-wire/feed.xml")[1] == demo.world.at(300)["/orla-wire/feed.xml"].body != body


def test_the_server_answers_conditional_requests(demo):
    """304 without a body for either validator; If-None-Match decides alone where both are sent."""
    answer, _ = get(demo, "/merrow-post/rss.xml")
    etag, modified = answer.headers["ETag"], answer.headers["Last-Modified"]
    again, body = get(demo, "/merrow-post/rss.xml", If_None_Match=etag)
    assert (again.status, body, again.headers["ETag"]) == (304, b"", etag)
    assert get(demo, "/merrow-post/rss.xml", If_Modified_Since=modified)[0].status == 304
    assert get(demo, "/merrow-post/rss.xml", If_None_Match='"old"', If_Modified_Since=modified)[0].status == 200
    assert get(demo, "/merrow-post/rss.xml", If_Modified_Since="yesterday")[0].status == 200
    demo.clock.now += timedelta(seconds=300)
    assert get(demo, "/merrow-post/rss.xml", If_None_Match=etag, If_Modified_Since=modified)[0].status == 200


def test_the_server_packs_for_those_who_can_unpack(demo):
    """A packed body has a validator of its own and the same content."""
    plain, body = get(demo, "/merrow-post/rss.xml")
    packed, data = get(demo, "/merrow-post/rss.xml", Accept_Encoding="br, gzip")
    assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(data) == body
    assert packed.headers["ETag"] != plain.headers["ETag"]
    etag = packed.headers["ETag"]
    assert get(demo, "/merrow-post/rss.xml", Accept_Encoding="gzip", If_None_Match=etag)[0].status == 304


def test_every_feed_has_validators_and_last_modified_never_lies_ahead(demo):
    """A fetcher can be polite to all of them."""
    for path, feed in demo.world.at(0).items():
        if feed.status != 200:
            continue
        answer, _ = get(demo, path, "HEAD")
        assert answer.headers["ETag"].startswith('"')
        assert parsedate_to_datetime(answer.headers["Last-Modified"]) <= demo.clock.now


def test_links_pictures_and_sounds_lead_somewhere(demo):
    """Every link of an entry is a page; every enclosure has the type and the length it promised."""
    demo.clock.now += timedelta(seconds=400)
    for outlet in demo.world.outlets:
        for entry in demo.world.articles(outlet, 400)[:8]:
            answer, body = get(demo, entry.link.removeprefix(demo.base_url))
            assert (answer.status, answer.headers.get_content_type()) == (200, "text/html")
            assert b"<h1>" in body
            if entry.file:
                answer, body = get(demo, entry.file.url.removeprefix(demo.base_url))
                assert (answer.headers["Content-Type"], len(body)) == (entry.file.type, entry.file.length)
    assert get(demo, "/")[0].status == get(demo, "/orla-wire")[0].status == 200
    assert get(demo, "/orla-wire/nothing")[0].status == get(demo, "/etc/passwd")[0].status == 404


def test_stopping_frees_the_port():
    """After stop nothing listens, and stopping twice is harmless."""
    server = DemoServer().start()
    port = int(server.base_url.rsplit(":", 1)[1])
    server.stop()
    server.stop()
    DemoServer(port=port).stop()
