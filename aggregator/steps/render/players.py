"""Media RSS, podcast, place and discussion elements of RSS items and Atom entries.

Apple's tags mark an entry as an episode, and a feed with one as a podcast, which then must say a few things of
itself. They are written for entries with a sound or film that Apple's rules take; the others have the same told in
podcast: and media: elements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aggregator.domain.settings import Format
from aggregator.steps.render.documents import BARE_TYPES
from aggregator.steps.render.elements import element, text
from aggregator.steps.render.plain import web_address
from aggregator.steps.render.podcast import CHAPTERS, PODCAST, name, write_longer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aggregator.domain.entry import Enclosure, Media
    from aggregator.domain.media import Discussion, Episode, MediaNote
    from aggregator.steps.render.outgoing import Head, Outgoing

GEORSS = "http://www.georss.org/georss"
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
MEDIA = "http://search.yahoo.com/mrss/"
SLASH = "http://purl.org/rss/1.0/modules/slash/"
THREAD = "http://purl.org/syndication/thread/1.0"
WFW = "http://wellformedweb.org/CommentAPI/"

# What Apple takes, told by the end of the address: the feed validator warns of everything else.
_FILES = (".m4a", ".mp3", ".mov", ".mp4", ".m4v", ".pdf", ".epub")
_LONGEST_SUBTITLE = 255
# Roles of a credit in the default scheme, urn:ebu, as far as feeds use them; other schemes are told by an address.
_EBU_ROLES = frozenset(
    ["actor", "announcer", "artist", "author", "camera operator", "composer", "conductor", "correspondent", "director",
     "editor", "executive producer", "expert", "illustrator", "interviewed guest", "interviewer", "musician",
     "performer", "photographer", "producer", "production company", "publishing company", "reporter", "singer",
     "sound designer", "translation"]
)  # fmt: skip
# The ratings of schemes that have no address (Media RSS 1.5.1).
_RATINGS = {
    "urn:simple": ("adult", "nonadult"),
    "urn:mpaa": ("g", "m", "nc-17", "pg", "pg-13", "r", "x"),
    "urn:v-chip": ("14+", "18+", "c", "c8", "g", "pg", "tv-14", "tv-g", "tv-ma", "tv-pg", "tv-y", "tv-y7", "tv-y7-fv"),
}


def namespaces(entries: Iterable[Outgoing]) -> dict[str, str]:
    """The prefixes these entries need beside media: and dc:."""
    used: dict[str, str] = {}
    for entry in entries:
        told = entry.supplement
        if told is None:
            continue
        if told.episode is not None and any(_podcast_says(told.episode)):
            used["podcast"] = PODCAST
        if told.episode is not None and told.episode.marks:
            used["psc"] = CHAPTERS
        if is_episode(entry):
            used["itunes"] = ITUNES
        if told.point is not None:
            used["georss"] = GEORSS
        if told.discussion is not None:
            used |= {"slash": SLASH, "thr": THREAD, "wfw": WFW}
    return dict(sorted(used.items()))


def is_episode(entry: Outgoing) -> bool:
    """Whether an entry gets Apple's tags."""
    files = entry.enclosures
    playable = any((file.type or "").startswith(("audio/", "video/")) for file in files)
    told = entry.supplement is not None and entry.supplement.episode is not None
    return told and playable and all(file.url.lower().endswith(_FILES) for file in files)


def write_channel(channel: Any, head: Head, entries: Sequence[Outgoing]) -> None:
    """What a feed with episodes says of itself."""
    episodes = [entry.supplement.episode for entry in entries if is_episode(entry) and entry.supplement]
    if not episodes:
        return
    text(channel, _apple("author"), head.author.name)
    text(channel, _apple("explicit"), "true" if any(e and e.explicit for e in episodes) else "false")
    element(channel, _apple("category"), text="News")
    if head.icon:
        element(channel, _apple("image"), href=head.icon)
    if head.author.email:
        owner = element(channel, _apple("owner"))
        text(owner, _apple("name"), head.author.name)
        text(owner, _apple("email"), head.author.email)


def write_entry(parent: Any, entry: Outgoing, *, atom: bool) -> None:
    """The podcast, place and discussion elements of one entry."""
    told = entry.supplement
    if told is None:
        return
    if told.episode is not None:
        if is_episode(entry):
            _write_apple(parent, told.episode)
        _write_podcast(parent, told.episode)
    if told.point is not None:
        text(parent, f"{{{GEORSS}}}point", f"{told.point.latitude} {told.point.longitude}")
    if told.discussion is not None:
        _write_discussion(parent, told.discussion, atom=atom)


def write_media(parent: Any, entry: Outgoing, files: Sequence[Enclosure] = ()) -> None:
    """Media RSS 1.5.1: further enclosures, files and pictures by themselves, then each group whole.

    An enclosure's duration is told here where Apple's tags do not tell it.
    """
    told = {m.url for m in entry.media if m.role != "thumbnail"}
    episode = entry.supplement is not None and entry.supplement.episode is not None
    untold = [f for f in entry.enclosures if f.duration and f not in files] if episode and not is_episode(entry) else []
    for file in (*untold, *files):
        if file.url not in told:
            element(parent, _media("content"), url=file.url, fileSize=file.length, type=file.type,
                    duration=file.duration)  # fmt: skip
    notes = {note.group: note for note in entry.supplement.notes} if entry.supplement else {}
    numbers = sorted({m.group for m in entry.media if m.group is not None})
    # A group is of alternatives: where only one is left, its files stand by themselves.
    groups = [n for n in numbers if sum(m.group == n and m.role != "thumbnail" for m in entry.media) > 1]
    _write_files(parent, [m for m in entry.media if m.group not in groups], None)
    alone = next((notes[n] for n in (None, *numbers) if n not in groups and n in notes), None)
    if alone is not None:
        _write_note(parent, alone)
    for group in groups:
        holder = element(parent, _media("group"))
        _write_files(holder, [m for m in entry.media if m.group == group], notes.get(group))
        if group in notes:
            _write_note(holder, notes[group])


def _write_files(parent: Any, media: Iterable[Media], note: MediaNote | None) -> None:
    for m in media:
        if m.role == "thumbnail":
            element(parent, _media("thumbnail"), url=m.url, width=m.width, height=m.height)
            continue
        default = None if m.default is None else str(m.default).lower()
        content = element(
            parent, _media("content"), url=m.url, type=m.type, medium=m.medium, width=m.width, height=m.height,
            fileSize=m.size, isDefault=default, expression=m.expression, bitrate=m.bitrate, duration=m.duration,
            lang=m.language,
        )  # fmt: skip
        text(content, _media("title"), m.title)
        if note is None or note.description != m.description:
            text(content, _media("description"), m.description)
        if note is None or m.credit not in {credit.name for credit in note.credits}:
            text(content, _media("credit"), m.credit)


def _write_note(parent: Any, note: MediaNote) -> None:
    text(parent, _media("title"), note.title)
    text(parent, _media("description"), note.description)
    for credit in note.credits:
        foreign = web_address(credit.scheme)
        role = credit.role if foreign or credit.role in _EBU_ROLES else None
        element(parent, _media("credit"), role=role, scheme=foreign if role else None).text = credit.name
    scheme = note.rating_scheme or "urn:simple"
    if note.rating and (web_address(scheme) or note.rating in _RATINGS.get(scheme, ())):
        element(parent, _media("rating"), scheme=scheme).text = note.rating
    text(parent, _media("keywords"), ", ".join(note.keywords))
    if note.player:
        element(parent, _media("player"), url=note.player)


def _write_apple(parent: Any, episode: Episode) -> None:
    text(parent, _apple("title"), episode.title)
    text(parent, _apple("subtitle"), episode.subtitle and episode.subtitle[:_LONGEST_SUBTITLE].rstrip())
    text(parent, _apple("summary"), episode.summary)
    text(parent, _apple("duration"), str(episode.duration) if episode.duration else None)
    text(parent, _apple("season"), str(episode.season) if episode.season else None)
    whole = episode.number is not None and episode.number.isdigit() and int(episode.number) > 0
    text(parent, _apple("episode"), str(int(episode.number)) if whole and episode.number else None)
    text(parent, _apple("episodeType"), episode.kind)
    if episode.explicit is not None:
        text(parent, _apple("explicit"), str(episode.explicit).lower())
    if episode.image:
        element(parent, _apple("image"), href=episode.image)


def _podcast_says(episode: Episode) -> tuple[Any, ...]:
    """What podcast: elements are made of."""
    return (episode.season, episode.number, episode.transcripts, episode.chapters, episode.people, episode.soundbites,
            episode.location, episode.license, episode.values, episode.conversations, episode.remarks)  # fmt: skip


def _write_podcast(parent: Any, episode: Episode) -> None:
    if episode.season:
        element(parent, name("season"), name=episode.season_name).text = str(episode.season)
    if episode.number:
        element(parent, name("episode"), display=episode.number_shown).text = episode.number
    for transcript in episode.transcripts:
        element(parent, name("transcript"), url=transcript.url, type=transcript.type or "text/plain",
                language=transcript.language, rel=transcript.rel)  # fmt: skip
    if episode.chapters:
        kind = episode.chapters.type or "application/json+chapters"
        element(parent, name("chapters"), url=episode.chapters.url, type=kind)
    for bite in episode.soundbites:
        written = element(parent, name("soundbite"), startTime=bite.start, duration=bite.duration)
        written.text = bite.title
    for person in episode.people:
        written = element(parent, name("person"), role=person.role, group=person.group, img=person.image,
                          href=person.link)  # fmt: skip
        written.text = person.name
    if episode.location:
        place = element(parent, name("location"), geo=episode.location.geo, osm=episode.location.osm)
        place.text = episode.location.name
    if episode.license:
        element(parent, name("license"), url=episode.license.url).text = episode.license.name
    write_longer(parent, episode)


def _write_discussion(parent: Any, discussion: Discussion, *, atom: bool) -> None:
    if discussion.count is not None:
        text(parent, f"{{{THREAD}}}total" if atom else f"{{{SLASH}}}comments", str(discussion.count))
    if discussion.feed and atom:
        element(parent, "link", rel="replies", type=BARE_TYPES[Format.RSS], href=discussion.feed)
    elif discussion.feed:
        text(parent, f"{{{WFW}}}commentRss", discussion.feed)


def _apple(name: str) -> str:
    return f"{{{ITUNES}}}{name}"


def _media(name: str) -> str:
    return f"{{{MEDIA}}}{name}"
