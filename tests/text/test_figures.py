"""The figures by which a correction shows."""

import pytest

from aggregator.text.figures import MOST, figures


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Twelve dead, 1,200 hurt; 3.5% of 12", ("1,200", "3.5%", "12")),
        ("死亡１２人，受伤30人", ("12", "30")),
        ("at 10:30, not 10:30.", ("10:30",)),
        ("none at all", ()),
        ("", ()),
    ],
)
def test_figures(text, found):
    """As written but for width, each once, in order."""
    assert figures(text) == found


def test_a_table_of_results_has_an_end():
    assert len(figures(" ".join(map(str, range(1000))))) == MOST
