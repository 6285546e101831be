"""The pages of one item → the item with the article's text, or with the reason why it keeps the feed's own.

The part of a visit with `full_text` that computes: pure and picklable, it runs in a limited worker, an item a task.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aggregator.domain.article import Article
from aggregator.domain.entry import FeedInfo, Text
from aggregator.domain.outcome import Reading
from aggregator.pipeline.own_words import own_words
from aggregator.steps.clean.article import with_page
from aggregator.steps.dedupe import sketch
from aggregator.steps.extract import ElsewhereError, Expected, NoArticleError, Page, extract, not_html
from aggregator.steps.parse.charset import decode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.domain.item import Item
    from aggregator.domain.outcome import ReadContext
    from aggregator.domain.response import Response


def read_article(item: Item, responses: Sequence[Response], context: ReadContext) -> Reading:
    """Read an item's pages, in their order; `wants` is the next one, where the article goes on or stands.

    An item whose page has no article comes back as it was, with the reason in `article`.
    """
    own = own_words(item)
    try:
        whole, following = _whole(item, responses, context)
    except NoArticleError as error:
        said = replace(item, article=Article(reason=str(error), own=own))
        wants = (error.url,) if isinstance(error, ElsewhereError) else ()
        return Reading(info=FeedInfo(), items=(said,), wants=wants)
    return Reading(info=FeedInfo(), items=(whole,), wants=(following,) if following else ())


def _whole(item: Item, responses: Sequence[Response], context: ReadContext) -> tuple[Item, str | None]:
    pages = [_page(response, context) for response in responses]
    told = "" if item.article is not None and item.article.taken else item.text
    found = extract(pages, Expected(title=item.title, text=told))
    markup = Text(value=found.markup, base=found.base, language=found.language)
    whole = with_page(item, markup, found.credits, context)
    if whole is None:
        raise NoArticleError("nothing of it may be shown")
    several = f", {found.parts} parts" if found.parts > 1 else ""
    article = Article(
        taken=True,
        reason=f"taken from its page by {found.by}{several}",
        own=own_words(item),
        page=whole.text_hash.hex(),
    )
    whole = replace(whole, article=article)
    return replace(whole, sketch=sketch(whole)), found.following


def _page(response: Response, context: ReadContext) -> Page:
    """Its text: the owner's word on the charset is about the feed, the page speaks for itself."""
    text = decode(response.body, response.header("content-type"), language=context.language, url=response.url).text
    other = not_html(response.header("content-type"), text)
    if other:
        raise NoArticleError(f"its page is {other}, not HTML")
    return Page(text=text, url=response.url)
