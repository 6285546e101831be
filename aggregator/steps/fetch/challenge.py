"""Walls that want a person in a browser where a feed was asked for: told by name, so that the owner knows whom to ask.

Marks are what the walls' own scripts and servers write, never words that an article may use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.steps.fetch.answers import first

if TYPE_CHECKING:
    from aggregator.steps.fetch.answers import Headers

STATUSES = frozenset({401, 403, 405, 418, 429, 468, 503, 521})
LOOKED_AT = 65_536  # bytes of a page
_HEADERS = (
    ("cf-mitigated", b"challenge", "Cloudflare"),
    ("x-vercel-mitigated", b"challenge", "Vercel"),
    ("x-amzn-waf-action", b"", "AWS WAF"),
    ("x-datadome", b"", "DataDome"),
    ("x-dd-b", b"", "DataDome"),
)
_MARKS = (
    (b"_cf_chl_opt", "Cloudflare"),
    (b"/cdn-cgi/challenge-platform/h/", "Cloudflare"),
    (b"captcha-delivery.com/", "DataDome"),
    (b"_pxAppId", "HUMAN"),
    (b"px-captcha", "HUMAN"),
    (b"_Incapsula_Resource", "Imperva"),
    (b"/_sec/cp_challenge/", "Akamai"),
    (b"sec-if-cpt-container", "Akamai"),
    (b"awswaf.com/", "AWS WAF"),
    (b"sucuri_cloudproxy_js", "Sucuri"),
    (b"anubis_challenge", "Anubis"),
    (b"/.within.website/x/cmd/anubis/", "Anubis"),
    (b"/.well-known/ddos-guard/", "DDoS-Guard"),
    (b"__jsl_clearance", "Knownsec"),
    (b"acw_sc__v2", "Alibaba Cloud"),
    (b"aliyun_waf_", "Alibaba Cloud"),
    (b"TencentCaptcha(", "Tencent Cloud"),
    (b"/_guard/html.js", "a guard"),
)
_PAGE = (b"<!doctype html", b"<html", b"<script", b"<head")


def wall(status: int, headers: Headers, body: bytes) -> str | None:
    """Who shows a challenge instead of the answer; None where it is none.

    Args:
        status: of the answer; a 200 counts too, where a page came.
        headers: of the answer.
        body: its beginning, decompressed.
    """
    for name, value, who in _HEADERS:
        found = first(headers, name).lower()
        if found and value in found and (value or status in STATUSES):
            return who
    start = body[:LOOKED_AT]
    if status not in STATUSES and not start[:500].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGE):
        return None
    return next((who for mark, who in _MARKS if mark in start), None)
