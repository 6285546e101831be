"""What an entry carries for players, maps and forums: podcast, media, place and discussion fields."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcript:
    """podcast:transcript: the words of an episode; `type` is a media type, `rel` 'captions' or None."""

    url: str
    type: str | None = None
    language: str | None = None
    rel: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Chapters:
    """podcast:chapters: where a list of an episode's chapters stands."""

    url: str
    type: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Participant:
    """podcast:person: somebody in or behind an episode; `role` and `group` are of the podcast taxonomy."""

    name: str
    role: str | None = None
    group: str | None = None
    image: str | None = None
    link: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Soundbite:
    """podcast:soundbite: a part worth hearing; decimal seconds as they were written."""

    start: str
    duration: str
    title: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Location:
    """podcast:location: what an episode is about; `geo` is a geo: URI (RFC 5870), `osm` an OpenStreetMap object."""

    name: str
    geo: str | None = None
    osm: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class License:
    """podcast:license: an SPDX id or a name, and where its words stand."""

    name: str
    url: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """psc:chapter (podlove.org/simple-chapters): where a part of an episode starts, as it was written (RFC 2326)."""

    start: str
    title: str
    link: str | None = None
    image: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """podcast:valueRecipient: who is paid; `type` tells what `address` is, `split` is a share or a percentage."""

    address: str
    split: int
    type: str | None = None
    name: str | None = None
    key: str | None = None
    value: str | None = None
    fee: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteItem:
    """podcast:remoteItem: an entry of another podcast, by the GUIDs of both; `medium` is of the podcast namespace."""

    feed_guid: str
    feed_url: str | None = None
    item_guid: str | None = None
    medium: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeSplit:
    """podcast:valueTimeSplit: who is paid instead for a part; decimal seconds and percents as they were written."""

    start: str
    duration: str
    remote_start: str | None = None
    remote_percentage: str | None = None
    recipients: tuple[Recipient, ...] = ()
    remote: RemoteItem | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """podcast:value: how listeners pay, and whom; `suggested` is a decimal as it was written."""

    type: str
    method: str
    suggested: str | None = None
    recipients: tuple[Recipient, ...] = ()
    splits: tuple[TimeSplit, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversation:
    """podcast:socialInteract: the post under which an episode is talked about; a lower `priority` comes first."""

    url: str
    protocol: str
    account: str | None = None
    account_url: str | None = None
    priority: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """podcast:txt: free text for machines; `purpose` says what for."""

    text: str
    purpose: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Episode:
    """The itunes: and podcast: elements of an entry (Apple's podcast tags, podcastindex.org/namespace/1.0).

    `duration` is in seconds; `number` is a decimal as it was written, `season` a whole number; `kind` is 'full',
    'trailer' or 'bonus'. `title`, `subtitle` and `summary` are there where they differ from the entry's own; `values`
    are its podcast's where it has none of its own.
    """

    duration: int | None = None
    number: str | None = None
    number_shown: str | None = None
    season: int | None = None
    season_name: str | None = None
    kind: str | None = None
    explicit: bool | None = None
    image: str | None = None
    title: str | None = None
    subtitle: str | None = None
    summary: str | None = None
    transcripts: tuple[Transcript, ...] = ()
    chapters: Chapters | None = None
    people: tuple[Participant, ...] = ()
    soundbites: tuple[Soundbite, ...] = ()
    location: Location | None = None
    license: License | None = None
    marks: tuple[Mark, ...] = ()
    values: tuple[Value, ...] = ()
    conversations: tuple[Conversation, ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaCredit:
    """media:credit: a name, and what its bearer did in the scheme's words."""

    name: str
    role: str | None = None
    scheme: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaNote:
    """What Media RSS says of a media:group, or of the whole entry where `group` is None; texts are plain.

    `group` is the number its `Media` carry, from 1 in order. `rating_scheme` is a URI, None for the usual
    one, 'urn:simple'.
    """

    group: int | None = None
    title: str | None = None
    description: str | None = None
    credits: tuple[MediaCredit, ...] = ()
    rating: str | None = None
    rating_scheme: str | None = None
    keywords: tuple[str, ...] = ()
    player: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """georss:point, W3C geo and GML points: WGS 84 degrees, decimals as they were written."""

    latitude: str
    longitude: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Discussion:
    """How many comments there are, as of the last change of the entry, and the feed of them."""

    count: int | None = None
    feed: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Supplement:
    """All of it; an entry that has none has no Supplement."""

    episode: Episode | None = None
    notes: tuple[MediaNote, ...] = ()
    point: Point | None = None
    discussion: Discussion | None = None
