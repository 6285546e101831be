"""A text of a feed → safe HTML with absolute, tracker-free links, or nothing.

One nh3 cleaner (ammonia, html5ever: it parses as browsers do) decides what may stay. Links are resolved inside it,
attribute by attribute; what needs a whole element (pixels, lazy images) works on its output, whose form is known.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from html import escape, unescape
from html.entities import html5
from typing import TYPE_CHECKING

import nh3

from aggregator.text.floods import SHALLOW, without_attribute_floods
from aggregator.text.normalise import shown
from aggregator.text.plain import mended, paragraphs
from aggregator.text.urls import absolute, clean_link

if TYPE_CHECKING:
    from aggregator.domain.entry import Text

_TAGS = frozenset(
    re.findall(
        r"\w+",
        """a abbr acronym address article aside audio b bdi bdo big blockquote br caption center cite code col colgroup
        dd del details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd li
        main mark ol p picture pre q rp rt ruby s samp section small source span strike strong sub summary sup table
        tbody td tfoot th thead time tr track tt u ul var video wbr""",
    )
)
# Their content is no text for readers: it goes with them.
_WITH_CONTENT = frozenset(
    re.findall(
        r"\w+",
        """script style svg math template noscript iframe noembed noframes title textarea select button object applet
        frameset head""",
    )
)
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-actualsrc", "data-url")
_ATTRIBUTES = {
    "*": {"title", "lang", "dir"},
    "a": {"href", "hreflang"},
    "img": {"src", "srcset", "sizes", "alt", "width", "height", *_LAZY},
    "source": {"src", "srcset", "sizes", "type", "media", "width", "height"},
    "video": {"src", "poster", "controls", "width", "height", "preload"},
    "audio": {"src", "controls", "preload"},
    "track": {"src", "kind", "srclang", "label"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "del": {"cite", "datetime"},
    "ins": {"cite", "datetime"},
    "time": {"datetime"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "scope", "headers"},
    "col": {"span"},
    "colgroup": {"span"},
}
_LINKS = frozenset({"href", "src", "poster", "cite", *_LAZY})
_OTHER_SCHEMES = ("mailto:", "tel:")
_base: ContextVar[str | None] = ContextVar("base", default=None)


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Addresses absolute and clean, or gone. Everything else as it is."""
    if name == "srcset":
        return _srcset(value)
    if name not in _LINKS:
        return value
    if tag == "a" and name == "href" and value.strip().lower().startswith(_OTHER_SCHEMES):
        return value.strip()
    return clean_link(value, _base.get())


_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=set(_WITH_CONTENT),
    attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
    attribute_filter=_attribute,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener",
    strip_comments=True,
)

_CANDIDATE = re.compile(r"\s*([^\s,](?:\S*[^\s,])?)(?:\s+(\d+(?:\.\d+)?[wxh]))?\s*(?:,|$)")
# Every repetition is bounded: an unclosed tag repeated must not be searched to the end each time.
_PLAYER = re.compile(
    r"""<(?:iframe|embed)\b[^<>]{0,2000}?\b(?:data-)?src\s{0,9}=\s{0,9}["']?"""
    r"""((?:https?:)?//(?:[\w-]{1,63}\.){0,3}(?:youtube(?:-nocookie)?\.com/embed|vimeo\.com/video|dailymotion\.com/embed|"""
    r"""bilibili\.com|v\.qq\.com|youku\.com/embed|soundcloud\.com|open\.spotify\.com/embed|podcasts\.apple\.com)"""
    r"""[^"'\s<>]{0,1000})[^<>]{0,2000}>""",
    re.IGNORECASE,
)
_OPENING = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,15})")
_DEEPEST = 400  # elements in each other; html5ever's time grows with the square of the depth
_TAGS_AWAY = re.compile(r"<[^<>]{0,1000}>")
_BARE = re.compile(r"&(?!#[0-9]{1,7};|#[xX][0-9A-Fa-f]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};?)")
_IMAGE = re.compile(r'<img((?: [\w-]+="[^"]*")*)>')
_SOURCELESS = re.compile(r'<(?:source|track)(?!(?: [\w-]+="[^"]*")* src(?:set)?=)(?: [\w-]+="[^"]*")*>')
_PARTS = re.compile(r' ([\w-]+)="([^"]*)"')
_HOLLOW = re.compile(
    r"<(a|p|div|span|picture|figure|center|b|i|em|strong|small|li|ul|ol)(?: [\w-]+=\"[^\"]*\")*>"
    r"(?:\s|&nbsp;|<br>)*+</\1>"  # possessive: a megabyte of blanks took 100 MB of places to go back to
)
_PIXEL = re.compile(
    r"//(?:[\w.-]+\.)?(?:feedburner\.com/~(?:r|ff|f)|feedproxy\.google\.com/~|feedsportal\.com|doubleclick\.net|"
    r"pixel\.wp\.com|stats\.wordpress\.com|google-analytics\.com|scorecardresearch\.com|quantserve\.com|imrworldwide\.com|"
    r"hm\.baidu\.com|chartbeat\.(?:com|net)|rss\.buysellads\.com|pheedo\.com|pheedcontent\.com|feedads\.|"
    r"statcounter\.com|counter\.yadro\.ru|mc\.yandex\.ru|ioam\.de|met\.vgwort\.de|vg\d{2}\.met\.vgwort\.de|"
    r"xiti\.com|facebook\.com/tr|pixel\.|count(?:er)?\.)|/(?:b|pixel|spacer|blank|transparent|mf|1x1|clear)\.gif(?:[?\"]|$)",
    re.IGNORECASE,
)
# Escaped once too often: what nobody spells out but where markup is the subject.
_TWICE = re.compile(r"&(?:amp;)+(?=(?:(?!(?:lt|gt);)([A-Za-z][A-Za-z0-9]{1,9})|#8[2-4]\d\d|#x20[0-9a-fA-F]{2}|#0?39);)")
_CODE = re.compile(r"<(?:code|pre|kbd|samp|tt)\b", re.IGNORECASE)
_MEDIA = re.compile(r"<(?:img|video|audio|source|table|hr)\b")


def safe(text: Text | None, link: str | None, limit: int) -> tuple[str | None, bool]:
    """The text as safe HTML, None where nothing is left; and whether it was cut.

    Args:
        text: as the feed wrote it.
        link: what resolves relative addresses when the text has no base of its own.
        limit: characters of the source that are read; the rest is cut, elements are closed.
    """
    if text is None:
        return None, False
    cut = len(text.value) > limit
    value = text.value[:limit] if cut else text.value
    if text.kind == "text":
        return _as_paragraphs(value), cut
    if not _CODE.search(value):
        value = mended(_TWICE.sub(_once, value))
    value = _PLAYER.sub(_player, value) if "<iframe" in value or "<embed" in value else value
    if value.count("<") > _DEEPEST and _depth(value) > _DEEPEST:
        return _as_paragraphs(_TAGS_AWAY.sub(" ", value)), cut
    value = without_attribute_floods(_BARE.sub("&amp;", value))
    token = _base.set(text.base or link)
    try:
        markup = _CLEANER.clean(shown(value))
    finally:
        _base.reset(token)
    return _without_noise(markup), cut


def _once(match: re.Match[str]) -> str:
    return "&" if match[1] is None or f"{match[1]};" in html5 else match[0]


def _depth(value: str) -> int:
    """About how deeply elements lie in each other at most."""
    depth = deepest = 0
    for closing, name in _OPENING.findall(value):
        if name.lower() not in SHALLOW:
            depth = max(0, depth + (-1 if closing else 1))
            deepest = max(deepest, depth)
    return deepest


def _as_paragraphs(plain: str) -> str | None:
    """Plain text: an empty line ends a paragraph, a line end is one."""
    plain = mended(shown(plain.replace("\r\n", "\n").replace("\r", "\n")))
    parts = (part.strip() for part in re.split(r"\n\s*\n", plain))
    return "".join(f"<p>{escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in parts if part) or None


def _srcset(value: str) -> str | None:
    """HTML §4.8.4.2.1: candidates with their descriptors; those without a web address go."""
    kept = []
    for found in _CANDIDATE.finditer(value[:20_000]):
        url = clean_link(found[1], _base.get())
        if url:
            kept.append(f"{url.replace(',', '%2C')} {found[2]}" if found[2] else url.replace(",", "%2C"))
    return ", ".join(kept) or None


def _player(match: re.Match[str]) -> str:
    """An embedded player as a link to it: frames do not get through."""
    url = absolute(unescape(match[1]), "https://example.org/") or ""
    return f'<p><a href="{escape(url)}">{escape(url.partition("//")[2].partition("?")[0])}</a></p>'


def _without_noise(markup: str) -> str | None:
    """Pixels and images without an address dropped, lazy ones loaded, emptied elements gone."""
    if "<img" in markup:
        markup = _IMAGE.sub(_image, markup)
    if "<source" in markup or "<track" in markup:
        markup = _SOURCELESS.sub("", markup)
    for _ in range(4):  # an emptied link in a span in a div in a list
        slimmer = _HOLLOW.sub("", markup)
        if slimmer == markup:
            break
        markup = slimmer
    markup = markup.strip()
    return markup if _MEDIA.search(markup) or paragraphs(markup) else None


def _image(match: re.Match[str]) -> str:
    said = dict(_PARTS.findall(match[1]))
    lazy = next((said.pop(name) for name in _LAZY if said.get(name)), None)
    for name in _LAZY:
        said.pop(name, None)
    if lazy:
        said["src"] = lazy
    source = said.get("src") or said.get("srcset")
    tiny = all(re.fullmatch(r"[01](?:px)?", said.get(side, "").strip()) for side in ("width", "height"))
    if not source or tiny or _PIXEL.search(source):
        return ""
    return "<img" + "".join(f' {name}="{value}"' for name, value in said.items()) + ">"
