"""Further addresses that a document named."""

import pytest

from aggregator.domain.response import Request
from aggregator.domain.source import Credentials
from aggregator.pipeline.wants import further

OWN = Request(
    source_id="one",
    url="https://one.example/list",
    shown_url="https://one.example/list",
    headers=(("X-Api-Key", "S3CRET"), ("Cookie", "a=S3CRET")),
    auth=Credentials(user="me", password="S3CRET"),
    verify_tls=False,
)


def test_at_home_a_source_keeps_its_credentials():
    asked = further(OWN, "https://one.example/list?page=2")
    assert (asked.headers, asked.auth, asked.verify_tls) == (OWN.headers, OWN.auth, False)


@pytest.mark.parametrize("url", ["https://two.example/2", "https://one.example:8443/2", "http://one.example/2"])
def test_another_origin_learns_no_secret(url):
    """A source that was redirected is asked for its next page there without what belongs to its own server."""
    asked = further(OWN, url)
    assert (asked.headers, asked.auth, asked.verify_tls) == ((), None, True)
