"""The checked shapes of `sources:` → the domain's sources: ids settled, secrets apart, local files fenced in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from aggregator.config.addresses import check_expansion, default_id, exempt, shown, web_address
from aggregator.config.build_topics import read_query
from aggregator.config.problems import find
from aggregator.config.values import show_duration
from aggregator.domain.source import ClientCertificate, Credentials, PageSelectors, Source, SourceKind
from aggregator.text.own import own_document

if TYPE_CHECKING:
    from collections.abc import Mapping as Map
    from collections.abc import Sequence
    from pathlib import Path

    from aggregator.config.nodes import Place
    from aggregator.config.problems import Piece, Report
    from aggregator.config.shapes import SourceShape
    from aggregator.domain.settings import FetchSettings
    from aggregator.domain.topic import Topic

SHORTEST = timedelta(seconds=1)
NOT_INSTALLED = "needs what is not installed; type `make extras` in the program's folder (or pip install '.[fulltext]')"


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What a source's checks need besides itself. `fetch` and `site_url` are None while their sections are in error."""

    base: Path
    environ: Map[str, str]
    fetch: FetchSettings | None
    site_url: str | None = None


def source(shape: SourceShape, piece: Piece, around: Surroundings, report: Report) -> Source | None:
    """One entry of `sources:`, or None after a report."""
    before = len(report.found)
    written = piece.written("url")
    url, path, auth = shape.url, None, _credentials(shape)
    try:
        if shape.kind is SourceKind.FILE:
            path = local_file(url, around.base)
        else:
            check_expansion(written, around.environ)
            check_expansion(piece.written("proxy"), around.environ)
            address = web_address(url)
            url, auth = address.url, _one_of(address.credentials, auth)
            _check_loop(url, shape.kind, around.site_url)
    except ValueError as error:
        report.add(piece.place("url"), piece.path("url"), str(error))
        return None
    _check_headers(shape, piece, auth, report)
    _check_every(shape, piece, url, around.fetch, report)
    _check_page(shape, piece, report)
    if shape.full_text and not _extractors_installed():
        report.add(piece.place("full_text"), piece.path("full_text"), NOT_INSTALLED)
    _check_certificate(shape, piece, around.base, report)
    only = read_query(shape.only, piece, report, "only") if shape.only.strip() else None
    drop = read_query(shape.drop, piece, report, "drop") if shape.drop.strip() else None
    found = source_id(piece, shape.id)
    if not found:
        report.add(piece.place("url"), piece.path("id"), "no id can be made of this address; write one: id: my-source")
    if len(report.found) > before:
        return None
    return Source(
        id=found,
        url=url,
        shown_url=shown(written),
        was=shape.was,
        title=shape.title,
        tags=tuple(dict.fromkeys(shape.tags)),
        rank=shape.rank,
        every=shape.every,
        language=shape.language,
        timezone=shape.timezone,
        encoding=shape.encoding,
        enabled=shape.enabled,
        kind=shape.kind,
        path=path,
        page=PageSelectors(**shape.page.model_dump()) if shape.page else None,
        headers=tuple(shape.headers.items()),
        auth=auth,
        cookies=tuple(shape.cookies.items()),
        user_agent=shape.user_agent,
        verify_tls=shape.verify_tls,
        proxy=shape.proxy,
        client_certificate=_certificate(shape, around.base),
        full_text=shape.full_text,
        only=only,
        drop=drop,
        only_text=shape.only.strip(),
        drop_text=shape.drop.strip(),
    )


def _extractors_installed() -> bool:
    from aggregator.steps.extract import installed  # noqa: PLC0415 - an HTML parser comes with it; few files need one

    return installed()


def _check_loop(url: str, kind: SourceKind, site_url: str | None) -> None:
    """Our own documents are no source.

    Raises:
        ValueError: the address is one of them.
    """
    path = own_document(url, site_url) if site_url is not None else None
    if path is not None and (path.strip("/") or kind is SourceKind.PAGE):
        raise ValueError(
            "is a document of this very site (see site.url): its news would come back to it; remove the source"
        )


def source_id(piece: Piece, given: str | None = None) -> str:
    """The id as written, else host and path of the address as written."""
    return given or piece.written("id") or default_id(piece.written("url"))


def local_file(text: str, base: Path) -> Path:
    """A relative path under the folder of feeds.yaml → absolute.

    Raises:
        ValueError: it leads outside, by its spelling or through a symbolic link.
    """
    if "://" in text or text.startswith("file:"):
        raise ValueError("write a path under the folder of feeds.yaml, such as feeds/local.xml, not an address")
    if "\0" in text or "\\" in text:
        raise ValueError("is no path; write one such as feeds/local.xml")
    relative = PurePosixPath(text)
    if relative.is_absolute() or ".." in relative.parts or text.startswith("~"):
        raise ValueError("must be a path under the folder of feeds.yaml, without .. and not absolute")
    if not relative.parts:
        raise ValueError("names no file; write a path such as feeds/local.xml")
    try:
        found = (base / relative).resolve()
    except (OSError, RuntimeError):  # a circle of symbolic links
        raise ValueError("cannot be followed: its symbolic links lead in a circle") from None
    if not found.is_relative_to(base.resolve()):
        raise ValueError("leads outside the folder of feeds.yaml through a symbolic link")
    return found


def check_ids(named: Sequence[tuple[str, Place, str]], report: Report, *, kind: str) -> None:
    """Two entries of one id, each named as (id, place, key path)."""
    first: dict[str, tuple[Place, str]] = {}
    for found, place, key in named:
        if not found:
            continue
        known, where = first.setdefault(found, (place, key))
        if (known, where) != (place, key):
            of_file = f" of {known.file}" if known.file != place.file else ""
            message = f"the {kind} id {found!r} is taken by {where.rpartition('.')[0]} on line {known.line}{of_file}"
            report.add(place, key, f"{message}; write another `id`")


def check_former_ids(
    named: Sequence[tuple[Source | Topic, Piece]], ids: frozenset[str], report: Report, *, kind: str
) -> None:
    """`was` names an id that is nobody's now, and only one source or topic had."""
    claimed: dict[str, str] = {}
    for each, piece in named:
        if each.was is None:
            continue
        place, key = piece.place("was"), piece.path("was")
        if each.was == each.id:
            report.add(place, key, "is the id it has now; `was` is for the former one")
        elif each.was in ids:
            report.add(place, key, f"the id {each.was!r} belongs to another {kind} now; its history stays there")
        elif claimed.setdefault(each.was, piece.key) != piece.key:
            report.add(place, key, f"the former id {each.was!r} is claimed by {claimed[each.was]} too; keep one")


def _credentials(shape: SourceShape) -> Credentials | None:
    return Credentials(user=shape.auth.user, password=shape.auth.password) if shape.auth else None


def _certificate(shape: SourceShape, base: Path) -> ClientCertificate | None:
    found = shape.client_certificate
    if found is None:
        return None
    key = base / found.key if found.key else None
    return ClientCertificate(certificate=base / found.certificate, key=key, password=found.password)


def _check_certificate(shape: SourceShape, piece: Piece, base: Path, report: Report) -> None:
    """The files are there. What they hold is told at the visit; their names may be secrets."""
    found = shape.client_certificate
    for name in ("certificate", "key") if found else ():
        written = getattr(found, name)
        if written and not (base / written).is_file():
            said = "there is no such file; write its path relative to the folder of feeds.yaml"
            report.add(piece.place("client_certificate", name), piece.path("client_certificate", name), said)


def _one_of(in_address: Credentials | None, auth: Credentials | None) -> Credentials | None:
    if in_address is not None and auth is not None:
        raise ValueError("there is a user before @ and an `auth` too; keep `auth`")
    return in_address or auth


def _check_headers(shape: SourceShape, piece: Piece, auth: Credentials | None, report: Report) -> None:
    seen: dict[str, str] = {}
    for name in shape.headers:
        first = seen.setdefault(name.lower(), name)
        if first != name:
            report.add(
                piece.place("headers", name), piece.path("headers", name), f"is the same header as {first}; keep one"
            )
        if name.lower() == "authorization" and auth is not None:
            report.add(
                piece.place("headers", name),
                piece.path("headers", name),
                "there are credentials in `auth` or before @ too; keep one",
            )


def _check_page(shape: SourceShape, piece: Piece, report: Report) -> None:
    if shape.kind is SourceKind.PAGE and shape.page is None and find(piece.node, ("page",)) is None:
        message = "needs selectors; write page: {entry: article, link: a@href, title: h2}"
        report.add(piece.place("kind"), piece.path("kind"), message)
    elif shape.kind is not SourceKind.PAGE and shape.page is not None:
        report.add(piece.place("page"), piece.path("page"), "is for web pages; write `kind: page`, or remove it")


def _check_every(shape: SourceShape, piece: Piece, url: str, fetch: FetchSettings | None, report: Report) -> None:
    if shape.every is None:
        return
    place, key = piece.place("every"), piece.path("every")
    if shape.every < SHORTEST:
        report.add(place, key, "must be longer than 0")
    elif (
        fetch
        and shape.kind is not SourceKind.FILE
        and shape.every < fetch.min_interval
        and not exempt(url, fetch.allow_hosts)
    ):
        bound = show_duration(fetch.min_interval)
        report.add(place, key, f"is shorter than fetch.min_interval ({bound}); write at least that, or lower the bound")
