"""Long work leaves others their turn."""

from aggregator.app.turns import LONGEST, SHORTEST, by_turns


def test_a_pause_follows_every_slice_by_its_length():
    """A part of the slice's time, within bounds; at the end of the time the work is told to stop."""
    now, slept = [0.0], []
    go_on = by_turns(1.0, clock=lambda: now[0], sleep=slept.append)
    for took in (0.03, 0.0, 0.5):
        now[0] += took
        assert go_on()
    now[0] += 0.6
    assert not go_on()
    assert slept == [0.01, SHORTEST, LONGEST, LONGEST]
    assert by_turns(clock=lambda: 1e9, sleep=slept.append)()
