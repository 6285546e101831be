"""Addresses: of sources, of the site, of hubs, and the hosts that may be visited although not public.

Messages never quote an address: it may hold what was expanded from the environment.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from aggregator.config.values import slug
from aggregator.config.variables import REFERENCE, without_references
from aggregator.domain.source import Credentials
from aggregator.steps.due import allowed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

PROXIES = frozenset({"http", "https", "socks5", "socks5h"})
LONGEST_SOCKS = 255  # bytes of a user and of a password (RFC 1929)

MAX_URL = 4000
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?")
_USER_INFO = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)((?:\$\{[^}]*\}|[^/?#])*)@")
_BREAKS_USER_INFO = re.compile(r"[@/?#\[\]\\\s]|%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """A checked http(s) address without user-info, and the credentials that stood in it."""

    url: str = field(repr=False)
    credentials: Credentials | None = field(default=None, repr=False)


def web_address(text: str) -> Address:
    """An http or https address with a host.

    Raises:
        ValueError: with what is wrong, never with the address.
    """
    parts = _split(text)
    if parts.scheme not in {"http", "https"}:
        raise ValueError(_wrong_scheme(parts.scheme, text))
    _host_of(parts)
    if parts.username is None and parts.password is None:
        return Address(url=text)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if any(ord(character) < ord(" ") for character in user + password):
        raise ValueError("the user or password before @ holds a control character; remove it")
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    return Address(url=bare, credentials=Credentials(user=user, password=password))


def proxy(text: str) -> str:
    """The address of a proxy: http, https, socks5 or socks5h, a host, perhaps user and password, no path.

    Raises:
        ValueError: with what to write, never with the address.
    """
    parts = _split(text)
    if parts.scheme in {"socks", "socks4", "socks4a"}:
        raise ValueError("of SOCKS proxies those of version 5 are spoken to: write socks5:// or socks5h://")
    if parts.scheme not in PROXIES:
        raise ValueError("write a proxy as http://host:port, https://host:port or socks5h://host:port")
    if parts.scheme.startswith("socks") and any(
        len(unquote(part or "").encode("utf-8", "surrogateescape")) > LONGEST_SOCKS
        for part in (parts.username, parts.password)
    ):
        raise ValueError(f"user and password of a SOCKS proxy have at most {LONGEST_SOCKS} bytes")
    _host_of(parts)
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("a proxy is a host and a port; remove what stands behind them")
    return text


def public_address(text: str) -> str:
    """An address that is published: no user-info."""
    address = web_address(text)
    if address.credentials is not None or "@" in urlsplit(text).netloc:
        raise ValueError("this address is published; remove the user and password before @")
    return address.url


def site_address(text: str) -> str:
    """`site.url` without a trailing slash: links are built from it."""
    url = public_address(text)
    if "?" in url or "#" in url:
        raise ValueError("must not have a ? or # part: links are built by adding to it")
    return url.rstrip("/")


def hub(text: str) -> str | None:
    """`built-in`, a hub's address, or None for `none`."""
    if text == "built-in":
        return text
    if text == "none":
        return None
    try:
        return public_address(text)
    except ValueError as error:
        raise ValueError(f"write built-in, none or a hub's address ({error})") from None


def shown(written: str) -> str:
    """The address as written in the file, user-info cut: for logs, pages and feeds."""
    return _USER_INFO.sub(r"\1", written.strip()).replace("$${", "${")


def default_id(written: str) -> str:
    """Host and path of what is written as a slug; '' if a variable hides them."""
    bare = without_references(_USER_INFO.sub(r"\1", written))
    without_scheme = re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://", "", bare)
    host, slash, path = re.split(r"[?#]", without_scheme, maxsplit=1)[0].partition("/")
    with contextlib.suppress(UnicodeError):
        host = host.encode("idna").decode("ascii")
    return slug(host + slash + unquote(path))


def check_expansion(written: str, environ: Mapping[str, str]) -> None:
    """A variable before the @ of an address may hold only what an address can hold there.

    Raises:
        ValueError: with the variable's name and the cure.
    """
    match = _USER_INFO.match(written)
    for reference in REFERENCE.finditer(match.group(2)) if match else ():
        name = reference.group(1)
        if name and _BREAKS_USER_INFO.search(environ.get(name, "")):
            raise ValueError(
                f"the value of {name} holds characters that cannot stand before the @ of an address; "
                "percent-encode them in the variable (@ is %40, / is %2F, % is %25)"
            )


def is_loopback(url: str) -> bool:
    """Whether only this machine can follow the address."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return False
    return found.is_loopback or found.is_unspecified


def allowed_host(text: str) -> str:
    """An entry of `allow_hosts`: host, host:port, CIDR, CIDR:port, [v6], [v6]:port; small letters.

    Raises:
        ValueError: with what to write.
    """
    text = text.strip().lower()
    if "://" in text:
        raise ValueError(f"write the host without the scheme: {urlsplit_netloc(text) or '127.0.0.1:8000'}")
    if "*" in text:
        raise ValueError("takes no *; write a host, host:port or a network such as 10.0.0.0/8")
    if "/" in text:
        network, port = _network_and_port(text)
        try:
            found = ipaddress.ip_network(network)
        except ValueError:
            raise ValueError(_network_cure(network)) from None
        if port is None:
            return str(found)
        _check_port(port)
        return f"[{found}]:{port}" if found.version == 6 else f"{found}:{port}"  # noqa: PLR2004  # IPv6
    return host_and_port(text)


def host_and_port(text: str) -> str:
    """A host, perhaps with a port: `big.example`, `127.0.0.1:8000`, `::1`, `[::1]:8000`; small letters."""
    text = text.strip().lower()
    if "/" in text:
        raise ValueError("is no host; write big.example or big.example:8080, without scheme and path")
    if text.startswith("[") or text.count(":") > 1:
        host, bracket, rest = text.removeprefix("[").partition("]")
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            raise ValueError("is no host; an IPv6 address with a port is written [::1]:8000") from None
        if text.startswith("[") != bool(bracket) or (rest and not rest.startswith(":")):
            raise ValueError("is no host; an IPv6 address with a port is written [::1]:8000")
        _check_port(rest.removeprefix(":") if rest else None)
        return text
    host, colon, port = text.partition(":")
    _check_port(port if colon else None)
    if not _is_host_name(host):
        raise ValueError("is no host; write big.example or big.example:8080, without scheme and path")
    return text


def urlsplit_netloc(text: str) -> str:
    """The host and port of an address, or ''."""
    try:
        return urlsplit(text).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def exempt(url: str, allow_hosts: tuple[str, ...]) -> bool:
    """Whether the source may be on `allow_hosts`; a name may be inside a network, which only DNS would tell."""
    if allowed(url, allow_hosts):
        return True
    host = urlsplit(url).hostname or ""
    return any("/" in entry for entry in allow_hosts) and not re.fullmatch(r"[0-9.]+|.*:.*", host)


def _split(text: str) -> SplitResult:
    if len(text) > MAX_URL:
        raise ValueError(f"is longer than {MAX_URL} characters")
    if not text.strip():
        raise ValueError("is empty; write an address such as https://example.org/feed.xml")
    if any(character.isspace() or character in '\\<>"`' or not character.isprintable() for character in text):
        raise ValueError("holds a character that no address has (a space, a quote, a bracket or a backslash)")
    try:
        return urlsplit(text)
    except ValueError:
        raise ValueError("is no address; write one such as https://example.org/feed.xml") from None


def _host_of(parts: SplitResult) -> str:
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(
            "the port is no number from 1 to 65535; a / or # in a password is written %2F or %23"
        ) from None
    if not host:
        raise ValueError("has no host; write an address such as https://example.org/feed.xml")
    if port == 0:
        raise ValueError("the port is no number from 1 to 65535")
    if parts.netloc.rpartition("@")[2].startswith("["):
        return host
    try:
        name = host.encode("ascii").decode() if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise ValueError("the host is no name that DNS could hold") from None
    if not _is_host_name(name.lower()):
        raise ValueError("the host is no name that DNS could hold")
    return host


def _is_host_name(host: str) -> bool:
    return len(host) <= 253 and bool(_HOST.fullmatch(host)) and all(len(part) <= 63 for part in host.split("."))  # noqa: PLR2004  # RFC 1035 §2.3.4


def _wrong_scheme(scheme: str, text: str) -> str:
    if scheme == "file":
        return (
            "file: addresses are refused; for a local feed write `kind: file` and a path under the folder of feeds.yaml"
        )
    if scheme in {"feed", "itpc", "pcast"}:
        return "write the address with https:// or http://"
    if not scheme and "/" not in text and "." not in text:
        return "is no address; write one such as https://example.org/feed.xml"
    if "://" not in text:
        return "has no scheme; write https:// before it (or `kind: file` for a local feed)"
    return "only http and https addresses are visited"


def _network_and_port(text: str) -> tuple[str, str | None]:
    """`10.0.0.0/8`, `10.0.0.0/8:80`, `fd00::/8`, `[fd00::/8]:80` or `[fd00::]/8:80` apart."""
    if text.startswith("["):
        inside, _, rest = text[1:].partition("]")
        length, colon, port = rest.partition(":")
        return inside + length, port if colon else None
    if text.count(":") == 1:
        network, _, port = text.partition(":")
        return network, port
    return text, None


def _network_cure(network: str) -> str:
    try:
        return f"is a host inside a network; write {ipaddress.ip_network(network, strict=False)}"
    except ValueError:
        return "is no network; write one such as 10.0.0.0/8, or a host without a path"


def _check_port(port: str | None) -> None:
    if port is not None and not (re.fullmatch(r"[0-9]{1,5}", port) and 1 <= int(port) <= 65535):  # noqa: PLR2004  # TCP
        raise ValueError("the port is no number from 1 to 65535")
