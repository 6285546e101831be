"""A wall for people is told by its name; an article about one is not taken for it."""

import time

import pytest

from aggregator.errors import Code, FetchError
from tests.steps.fetch.fetch_server import answer, gz

FEED = b"<rss version='2.0'><channel><title>_cf_chl_opt and captcha-delivery.com/ explained</title></channel></rss>"


def failed(desk, server):
    with pytest.raises(FetchError) as caught:
        desk.get(server.url(), server=server)
    return caught.value


@pytest.mark.parametrize(
    ("reply", "who"),
    [
        (answer("403 Forbidden", "cf-mitigated: challenge", body=b"<html>"), "Cloudflare"),
        (answer("403 Forbidden", body=b"<html><script>window._cf_chl_opt={}</script>"), "Cloudflare"),
        (answer("503 Busy", "Content-Encoding: gzip", body=gz(b"<html>" + b" " * 9000 + b"_cf_chl_opt")), "Cloudflare"),
        (answer("429 No", "x-vercel-mitigated: challenge"), "Vercel"),
        (answer("405 No", "x-amzn-waf-action: captcha"), "AWS WAF"),
        (answer("403 Forbidden", "X-DataDome: protected"), "DataDome"),
        (answer("403 Forbidden", body=b"<script src=https://ct.captcha-delivery.com/c.js>"), "DataDome"),
        (answer("200 OK", body=b'<!doctype html><script id="anubis_challenge" type=application/json>'), "Anubis"),
        (answer("200 OK", body=b"\n<html><script src=/_Incapsula_Resource?x=1></script>"), "Imperva"),
        (answer("521 ", body=b"<script>document.cookie='__jsl_clearance=1'</script>"), "Knownsec"),
        (answer("200 OK", body=b"<html><script>var arg1='1';var acw_sc__v2=1;</script>"), "Alibaba Cloud"),
    ],
)
def test_a_wall_is_told_by_its_name(desk, server, reply, who):
    server.routes["/"] = reply
    error = failed(desk, server)
    assert error.code is Code.CHALLENGE
    assert f"{who} shows a challenge" in error.message


@pytest.mark.parametrize(
    "reply", [answer("403 Forbidden", body=b"<html>no</html>"), answer("503 Busy", body=FEED[:30])]
)
def test_a_plain_refusal_is_none(desk, server, reply):
    server.routes["/"] = reply
    assert failed(desk, server).code is Code.HTTP_STATUS


def test_a_feed_about_walls_is_a_feed(desk, server):
    server.routes["/"] = answer("200 OK", "x-datadome: protected", body=FEED)
    assert desk.get(server.url(), server=server).body == FEED


def test_a_refusal_that_drips_or_floods_is_still_a_refusal(desk, server):
    """Its status is known; the rest is listened to for two seconds and 64 kB."""

    def dripping(connection, _):
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n<html>")
        while not server.wait(0.1):
            connection.sendall(b" ")

    server.routes["/"] = dripping
    began = time.monotonic()
    assert failed(desk, server).code is Code.HTTP_STATUS
    assert time.monotonic() - began < 15
    server.routes["/"] = answer("503 Busy", body=b"x" * 5_000_000)
    assert failed(desk, server).code is Code.HTTP_STATUS
