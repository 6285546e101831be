"""Podcast and place fields: what only looks like a number is none."""

import pytest
from lxml import etree

from aggregator.domain.media import Point
from aggregator.steps.parse.modules import supplement

NAMES = (
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:podcast="https://podcastindex.org/namespace/1.0" '
    'xmlns:georss="http://www.georss.org/georss"'
)


def told(inside):
    return supplement(etree.fromstring(f"<item {NAMES}>{inside}</item>"), "https://p.example/")


@pytest.mark.parametrize(
    "inside",
    [
        "<georss:point>٤ 5</georss:point>",
        "<podcast:episode>٣</podcast:episode>",
        "<itunes:duration>१:00</itunes:duration>",
        '<podcast:soundbite startTime="１" duration="2"/>',
    ],
)
def test_digits_of_other_scripts_are_no_number_of_a_format(inside):
    """XML Schema's decimals are ASCII: players and maps could not read others."""
    assert told(inside) is None


def test_a_decimal_is_kept_as_it_was_written():
    assert told("<georss:point>45.50 -0.10</georss:point>").point == Point(latitude="45.50", longitude="-0.10")
