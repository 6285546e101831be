"""The feed behind a page's address."""

import pytest
from newsdesk import ScriptedFetcher, StandingClock, done

from aggregator.domain.entry import FeedInfo
from aggregator.domain.outcome import Failure, Reading
from aggregator.domain.response import Response
from aggregator.errors import Code, FetchError
from aggregator.pipeline.discover import NoFeedError, discover

PAGE = b'<!doctype html><link rel="alternate" type="application/atom+xml" href="feed.atom">'
FEED = b"<feed>"


class Web(ScriptedFetcher):
    """Answers by address."""

    def fetch(self, request):
        answer = self.answers.get(request.url)
        if answer is None:
            return done(FetchError(request.source_id, Code.DNS, f"source {request.source_id!r}: cannot be resolved"))
        return done(Response(source_id=request.source_id, url=request.url, body=answer, received_at=self.clock.now()))


class Judge:
    """A body that begins with <feed is a feed."""

    def read(self, context, response, known, now, further=()):
        if response.body.startswith(FEED):
            return done(Reading(info=FeedInfo(), items=()))
        said = "a web page came instead of a feed; it announces no feed"
        return done(Failure(code=Code.NOT_A_FEED, message=f"source {context.source_id!r}: {said}"))


def found(url, answers):
    clock = StandingClock()
    return discover(url, Web(clock, answers=answers), Judge(), clock.now(), lambda address: f"<{address}>")


def test_a_feed_is_what_it_is():
    assert found("https://a.example/f", {"https://a.example/f": FEED}).note == ""


def test_a_page_leads_to_its_feed():
    answers = {"https://a.example/blog/": PAGE, "https://a.example/blog/feed.atom": FEED}
    assert found("https://a.example/blog/", answers).url == "https://a.example/blog/feed.atom"


def test_what_cannot_be_visited_stands_as_given():
    """An owner on a train may still write feeds.yaml."""
    answer = found("https://a.example/f", {})
    assert answer.url == "https://a.example/f"
    assert answer.note == "it could not be visited and stands as given (cannot be resolved)"


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"https://a.example/": b"<!doctype html>"}, "a web page came instead of a feed; it announces no feed"),
        ({"https://a.example/": PAGE}, "announces <https://a.example/feed.atom>, which cannot be visited: cannot be"),
        ({"https://a.example/": PAGE, "https://a.example/feed.atom": PAGE}, "feed.atom>, which is no feed"),
    ],
)
def test_no_feed_is_said_to_be_none(answers, says):
    with pytest.raises(NoFeedError) as error:
        found("https://a.example/", answers)
    assert says in str(error.value)
