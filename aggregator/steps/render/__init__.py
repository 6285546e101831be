"""A topic's selection → bytes: RSS, Atom, JSON Feed, HTML; and the site's own pages.

Entry points: `render_topic` for one topic's documents, `render_archive` for a page of its past, `render_site` over
topic summaries for the front page and the OPML, `asset_documents` for styles and icons, `standalone` and `leads_on` for
what stands in a file. All are pure: no clock, no network, no locale.
"""

from aggregator.steps.render.archive import render_archive
from aggregator.steps.render.digest import digest_base
from aggregator.steps.render.notices import Notice, render_notices
from aggregator.steps.render.opml import Subscription, opml
from aggregator.steps.render.pages import environment, zone_of
from aggregator.steps.render.site import Headline, TopicSummary, asset_documents, render_site
from aggregator.steps.render.standalone import leads_on, standalone
from aggregator.steps.render.topic import render_topic

# Raised when the same selection gives other bytes than before (a template, a field): everything is rendered anew.
RENDER_VERSION = "4"

__all__ = [
    "RENDER_VERSION",
    "Headline",
    "Notice",
    "Subscription",
    "TopicSummary",
    "asset_documents",
    "digest_base",
    "environment",
    "leads_on",
    "opml",
    "render_archive",
    "render_notices",
    "render_site",
    "render_topic",
    "standalone",
    "zone_of",
]
