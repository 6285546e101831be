"""A web page → the article in it: `extract(pages, expected)`, or the reason why there is none.

article.py has trafilatura find it, and readability where that fails; judge.py tells an article from a menu or a
cookie wall; around.py reads what stands beside it: the credited source, the language, where it goes on,
and where a page without an article sends its readers.
Needs the extra `fulltext`: what loads those libraries is loaded when the first page is read.
"""

from aggregator.steps.extract.around import Page, not_html
from aggregator.steps.extract.article import ElsewhereError, Extracted, NoArticleError, extract, installed
from aggregator.steps.extract.judge import Expected

__all__ = ["ElsewhereError", "Expected", "Extracted", "NoArticleError", "Page", "extract", "installed", "not_html"]
