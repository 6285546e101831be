"""A digest as one entry of its topic: the date for a title, the stories as a list."""

from __future__ import annotations

from datetime import date, timedelta
from html import escape
from typing import TYPE_CHECKING

from aggregator.domain.settings import Format
from aggregator.domain.topic import Selection
from aggregator.steps.render.outgoing import Outgoing, head, outgoing
from aggregator.steps.render.outlets import Outlet
from aggregator.steps.render.plain import excerpt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.domain.digest import Digest
    from aggregator.domain.settings import Site
    from aggregator.domain.topic import Topic
    from aggregator.steps.render.outgoing import Head

OVERVIEW = 280  # characters of headlines, where a reader shows no list
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
# How a date is written, by the site's language; where it is not known here, as ISO 8601 has it.
_FORMS = {
    "en": "{d} {month} {y}",
    **dict.fromkeys(("zh", "ja", "yue"), "{y}年{m}月{d}日"),
    "ko": "{y}년 {m}월 {d}일",
    **dict.fromkeys(("de", "cs", "da", "fi", "no", "nb", "nn", "pl", "ru", "sk", "tr", "uk", "bg", "ro", "et", "lv"),
                    "{d}.{m}.{y}"),
    **dict.fromkeys(("fr", "es", "it", "pt", "el", "ca", "gl", "id", "vi", "ar", "he"), "{d}/{m}/{y}"),
    **dict.fromkeys(("nl", "hi"), "{d}-{m}-{y}"),
}  # fmt: skip
_ISO = "{y}-{m:02}-{d:02}"


def digest_base(topic: Topic, site: Site) -> str:
    """What the ids of a topic's digests begin with: its own id (RFC 4151), fixed with its first digest."""
    nothing = Selection(topic=topic, entries=(), updated=None, digest=b"")
    return f"{head(nothing, site).feed_id}:digest"


def written_digests(
    digests: Sequence[Digest], selection: Selection, site: Site, about: Head
) -> tuple[list[Outgoing], list[str]]:
    """The digests as every format writes them, newest first, and which of their stories had to be left out and why."""
    entries: list[Outgoing] = []
    problems: list[str] = []
    for digest in digests:
        listed: list[Outgoing] = []
        for story in digest.stories:
            try:
                listed.append(outgoing(story, selection.topic))
            except ValueError as error:
                problems.append(f"story {story.id!r} left out of {digest.id!r}: {error}")
        if listed:
            entries.append(_entry(digest, listed, selection, site, about))
    return entries, problems


def _entry(digest: Digest, listed: Sequence[Outgoing], selection: Selection, site: Site, about: Head) -> Outgoing:
    ends = digest.period.ends
    return Outgoing(
        id=digest.id,
        title=f"{about.title} · {_dates(digest, site)}",
        link=f"{about.page}#{digest.period.name}" if Format.HTML in selection.topic.formats else None,
        guid=None,
        published=ends,
        updated=ends,
        order_at=ends - timedelta(seconds=1),  # on a page it stands under its last day
        summary=None,
        content=_list(listed),
        excerpt=excerpt(" · ".join(story.title for story in listed), OVERVIEW),
        authors=(),
        categories=(),
        enclosures=(),
        media=(),
        language=about.language,
        rights=None,
        comments=None,
        outlet=Outlet(title=about.title, name=about.id, id=about.feed_id, link=about.page),
        via=None,
        credit=None,
        others=(),
        anchor=digest.period.name,
        listed=tuple(listed),
    )


def _list(listed: Sequence[Outgoing]) -> str:
    """Safe HTML: each headline with its outlets and a few words, as far as the topic republishes others' text."""
    items = []
    for story in listed:
        language = f' lang="{escape(story.language)}"' if story.language else ""
        title = escape(story.title)
        named = f'<a href="{escape(story.link)}">{title}</a>' if story.link else title
        outlets = [escape(story.outlet.title)]
        outlets += [f'<a href="{escape(other.link)}">{escape(other.outlet)}</a>' for other in story.others]
        words = f"<br>{escape(story.excerpt)}" if story.excerpt else ""
        items.append(f"<li{language}>{named} ({', '.join(outlets)}){words}</li>")
    return f"<ul>{''.join(items)}</ul>"


def _dates(digest: Digest, site: Site) -> str:
    """The day, or the first and the last day, as the site's language writes them.

    Read from the period's name: a later edit of the site's time zone moves no title.
    """
    form = _FORMS.get(site.language.partition("-")[0].lower(), _ISO)
    first = date.fromisoformat(digest.period.name)  # a day, or a week in ISO 8601's words: its Monday
    if "W" not in digest.period.name:
        return _day(first, form)
    return f"{_day(first, form)} – {_day(first + timedelta(days=6), form)}"


def _day(day: date, form: str) -> str:
    return form.format(d=day.day, m=day.month, y=day.year, month=_MONTHS[day.month - 1])
