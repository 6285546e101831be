"""Further addresses that a document named."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aggregator.domain.response import Request, Response
from aggregator.domain.settings import FetchSettings
from aggregator.domain.source import Credentials, SourceKind
from aggregator.pipeline.asking import further
from aggregator.pipeline.shelf import Shelf
from aggregator.pipeline.wants import BYTES, Work, arrived

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

OWN = Request(
    source_id="one",
    url="https://one.example/list",
    shown_url="https://one.example/list",
    headers=(("X-Api-Key", "S3CRET"), ("Cookie", "a=S3CRET")),
    auth=Credentials(user="me", password="S3CRET"),
    verify_tls=False,
)

SETTINGS = FetchSettings(allow_hosts=("10.0.0.5", "one.example:80"))


def test_at_home_a_source_keeps_its_credentials():
    asked = further(OWN, "https://one.example/list?page=2", SETTINGS)
    assert (asked.headers, asked.auth, asked.verify_tls) == (OWN.headers, OWN.auth, False)


@pytest.mark.parametrize("url", ["https://two.example/2", "https://one.example:8443/2", "http://one.example/2"])
def test_another_origin_learns_no_secret(url):
    """A source that was redirected is asked for its next page there without what belongs to its own server."""
    asked = further(OWN, url, SETTINGS)
    assert (asked.headers, asked.auth, asked.verify_tls) == ((), None, True)


@pytest.mark.parametrize(("own", "listed"), [("https://one.example/list", False), ("http://10.0.0.5/list", True)])
def test_what_a_public_source_names_is_never_reached_on_the_allow_list(own, listed):
    """`fetch.allow_hosts` opens an address that a document named only to a source that is on it itself."""
    asked = further(replace(OWN, url=own), "http://10.0.0.5:8080/admin", SETTINGS)
    assert asked.listed is listed


def answer(number, size):
    return Response(source_id="one", url=f"https://one.example/{number}", body=b"x" * size, received_at=NOON)


def work(*bodies, waiting=0):
    return Work(response=answer(0, 0), digest=b"", told=laid(*bodies), waiting=waiting)


def laid(*responses):
    return tuple(map(Shelf().put, responses))


def test_the_answers_of_a_visit_are_bounded_in_memory():
    """Ten maps of fifteen megabytes are not held at once: what goes over is left for another visit."""
    more = arrived(work(answer(0, BYTES - 10), waiting=2), SourceKind.PAGE, laid(answer(1, 20), answer(2, 5)))
    assert sum(one.size for one in more.told) <= BYTES


@pytest.mark.parametrize(("kind", "partial"), [(SourceKind.SITEMAP, True), (SourceKind.PAGE, False)])
def test_a_sitemap_without_one_of_its_maps_is_read_in_part(kind, partial):
    """What the missing map names is yet to come; a page without its next page is whole in itself."""
    assert arrived(work(waiting=2), kind, laid(answer(1, 5))).partial is partial
    assert not arrived(work(waiting=1), kind, laid(answer(1, 5))).partial
