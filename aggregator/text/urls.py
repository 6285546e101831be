"""Addresses in two forms: `clean_link` is the one to publish, `canonical` the one to compare and never to show."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = 8_000  # characters; browsers and proxies give up about there
_PADDING = "".join(map(chr, range(0x21))) + "\u00a0\u200b\ufeff"
_LINE_ENDS = re.compile("[\t\r\n]+")
# What a URL cannot hold as it is (RFC 3986 §2); non-ASCII stays: an IRI is legal in Atom (RFC 3987).
_UNSAFE = re.compile('[\x00-\x20"<>\\\\^`{|}\x7f-\xa0\u2028\u2029\ud800-\udfff]')
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_DEFAULT_PORTS = {"http": 80, "https": 443}
# Hosts that show the same pages to telephones, where enough of a name is left without the label.
_MOBILE = re.compile(r"^(?:www|m|mobile|amp|wap)\.(?=[^.]+\.[^.]+)")
_MOBILE_LANGUAGE = re.compile(r"^([a-z]{2,3}(?:-[a-z]+)?)\.m\.(?=[^.]+\.[^.]+)")  # en.m.wikipedia.org
_AMP_PATH = re.compile(r"/amp/?$|\.amp(?=\.html?$)", re.IGNORECASE)
_AMP_QUERY = re.compile(r"^(?:amp(?:=(?:1|true|html)?)?|outputtype=amp)$", re.IGNORECASE)
_AMP_CACHE = re.compile(r"^/(?:amp/|[cvi]/)(s/)?(?=[^/]+\.[^/]+)")


@cache
def _rules() -> Mapping[str, tuple[frozenset[str], tuple[str, ...]]]:
    """tracking.txt as host (or '') → exact names and beginnings."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for raw in files("aggregator.text").joinpath("tracking.txt").read_text("utf-8").splitlines():
        rule = raw.partition("#")[0].strip().casefold()
        host, colon, names = rule.rpartition(":") if ":" in rule else ("", "", rule)
        exact, prefixes = found.setdefault(host.strip() if colon else "", (set(), set()))
        for name in names.split():
            (prefixes if name.endswith("*") else exact).add(name.rstrip("*"))
    return {host: (frozenset(exact), tuple(sorted(prefixes))) for host, (exact, prefixes) in found.items()}


def _tracks(name: str, host: str) -> bool:
    """Does this parameter on this host only say how one came?"""
    rules = _rules()
    labels = host.split(".")
    for suffix in ("", *(".".join(labels[i:]) for i in range(len(labels) - 1))):
        if suffix in rules:
            exact, prefixes = rules[suffix]
            if name in exact or name.startswith(prefixes):
                return True
    return False


def _untracked(query: str, host: str) -> str:
    """The query without tracking parameters, what remains byte for byte."""
    if not query:
        return query
    separator = ";" if ";" in query and "&" not in query else "&"
    parts = query.replace("&amp;", "&").split(separator)
    kept = [part for part in parts if not _tracks(unquote(part.partition("=")[0]).strip().casefold(), host)]
    return query if len(kept) == len(parts) else separator.join(kept)


def _host(netloc: str) -> str:
    """The host of an authority in ASCII, lower case, without user and port; '' where there is none."""
    name = netloc.rpartition("@")[2]
    if name.startswith("["):
        return name.partition("]")[0].lower() + "]" if "]" in name else ""
    name = name.partition(":")[0].rstrip(".").lower()
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii").rstrip(".").lower()
    except UnicodeError:
        return ""


def absolute(url: str, base: str | None) -> str | None:
    """The URL resolved against the base, of any scheme; None for a blank and where that gives no absolute one."""
    url = _LINE_ENDS.sub("", url.strip(_PADDING))
    if not url or len(url) > _LONGEST:
        return None
    try:
        joined = url if _SCHEME.match(url) and not _relative_http(url) else urljoin(base or "", url)
    except ValueError:  # an unfinished IPv6 bracket
        return None
    return joined if _SCHEME.match(joined) else None


def _relative_http(url: str) -> bool:
    """`http:page` is relative to a base of the same scheme (RFC 3986 §5.4.2 allows it, browsers do it)."""
    return bool(re.match(r"https?:(?![/\\])", url, re.IGNORECASE))


@lru_cache(maxsize=1024)  # a feed repeats its base and its pictures; 20 µs each
def clean_link(url: str, base: str | None = None) -> str | None:
    """The address to publish: absolute, http or https, without trackers, else as it was written.

    None for every other scheme and for what is no address at all.
    """
    joined = absolute(url, base)
    if joined is None:
        return None
    try:
        parts = urlsplit(joined)
        port = parts.port
    except ValueError:
        return None
    host = _host(parts.netloc)
    if parts.scheme not in _DEFAULT_PORTS or not host or _UNSAFE.search(parts.netloc) or port == 0:
        return None
    query = _untracked(parts.query, host)
    fragment = "" if "=" in parts.fragment and not _untracked(parts.fragment, host) else parts.fragment
    if parts.fragment == "ref=rss":
        fragment = ""
    if query == parts.query and fragment == parts.fragment:
        return _UNSAFE.sub(_quoted, joined)
    return _UNSAFE.sub(_quoted, urlunsplit(parts._replace(query=query, fragment=fragment)))


def _quoted(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace"))


@lru_cache(maxsize=4096)
def canonical(url: str) -> str | None:
    """The key form: equal for addresses that certainly lead to one page; not an address itself.

    Scheme, user, default port, `www.`, the usual telephone and AMP variants, tracking parameters, trailing
    slashes, order of parameters and fragment are gone (`#!` and `#/` forms stay: they choose the page). None
    where the address is not http(s) or has no host.
    """
    clean = clean_link(url)
    if clean is None:
        return None
    try:
        parts = urlsplit(_beyond_amp_cache(clean))
        port = parts.port
    except ValueError:
        return None
    host = _MOBILE_LANGUAGE.sub(r"\1.", _MOBILE.sub("", _host(parts.netloc)))
    if port is not None and port != _DEFAULT_PORTS.get(parts.scheme):
        host = f"{host}:{port}"
    query = "&".join(part for part in parts.query.split("&") if not _AMP_QUERY.match(part))
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    path = _AMP_PATH.sub("", parts.path)
    try:
        key = canonicalize_url(urlunsplit(("http", host, path, query, fragment)), keep_fragments=True)
    except ValueError:
        return None
    page, hash_mark, fragment = key.removeprefix("http://").partition("#")
    page, question, query = page.partition("?")
    return page.rstrip("/") + question + query + hash_mark + fragment.rstrip("/")


def _beyond_amp_cache(url: str) -> str:
    """The publisher's own address out of one of an AMP cache (google.com/amp/s/…, *.cdn.ampproject.org/c/s/…)."""
    parts = urlsplit(url)
    host = _host(parts.netloc)
    if not (
        host.endswith(".cdn.ampproject.org") or (host.startswith("www.google.") and parts.path.startswith("/amp/"))
    ):
        return url
    found = _AMP_CACHE.match(parts.path)
    if not found:
        return url
    return f"{'https' if found[1] else 'http'}://{parts.path[found.end() :]}" + (
        f"?{parts.query}" if parts.query else ""
    )


def site(url: str) -> str:
    """The host an address belongs to: ASCII, lower case, without port; '' where there is none."""
    try:
        return _host(urlsplit(url.strip(_PADDING)).netloc)
    except ValueError:
        return ""
