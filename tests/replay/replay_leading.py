"""Sources that lead elsewhere, for now, for good or in circles: kinds of the cast."""

from aggregator.domain.source import Credentials
from tests.replay.replay_net import DAY
from tests.replay.replay_script import moved, within


class Leading:
    """A part of Cast."""

    def _k301(self, name, number):
        script = self._feed(name, self._slow_pace(), shown=30)
        target = f"http://new-{name}.example.org/feed"
        home = script.document
        script.routes = {target: home}
        script.troubles = [within(30, 1e9, moved(301, target))]
        if number % 2:  # it comes back after some days
            script.troubles = [within(30, 220, moved(301, target))]
        return script

    def _k308_chain(self, name, _):
        script = self._feed(name, self._slow_pace(), shown=30)
        one, two = f"http://{name}.example.org/one", f"http://{name}.example.net/two"
        script.routes = {one: lambda _: moved(308, two), two: script.document}
        script.troubles = [within(30, 1e9, moved(301, one))]
        return script

    def _k302(self, name, number):
        script = self._feed(name, self._slow_pace(), shown=30)
        target = f"http://cdn-{name}.example.org/feed"
        script.routes = {target: script.document}
        script.troubles = [within(0, 1e9, moved((302, 303, 307)[number % 3], target))]
        return script

    def _k302_wanders(self, name, _):
        """Another target every day: the validators of yesterday's say nothing of it."""
        script = self._feed(name, self._slow_pace(), shown=30)
        targets = [f"http://{name}.example.org/t{n}" for n in range(3)]
        script.routes = dict.fromkeys(targets, script.document)
        script.troubles = [lambda asked: moved(302, targets[int(asked.t // DAY) % 3])]
        return script

    def _loop(self, name, _):
        other = f"http://{name}.example.org/there"
        script = self._feed(name, self._slow_pace())
        script.routes = {other: lambda _: moved(302, script.url)}
        script.troubles = [lambda _: moved(301, other)]
        script.cannot = {script.guid(n) for n in range(len(script.entries))}
        return script

    def _loop_later(self, name, _):
        """For a day it leads from page to page for ever."""
        script = self._feed(name, self._slow_pace(), shown=30)
        steps = [f"http://{name}.example.org/s{n}" for n in range(14)]
        script.routes = {
            a: (lambda _, b=b: moved(302, b)) for a, b in zip(steps, [*steps[1:], script.url], strict=True)
        }
        script.troubles = [within(60, 84, moved(302, steps[0]))]
        return script

    def _k301_secret(self, name, _):
        """A source with a password that moved to somebody else."""
        script = self._feed(name, self._slow_pace(), shown=30)
        target = f"http://other-{name}.example.net/feed"
        script.routes = {target: script.document}
        script.troubles = [within(30, 1e9, moved(301, target))]
        script.config = {"auth": Credentials(user="me", password="secret"), "cookies": (("session", "secret"),)}
        return script

    def _https_to_http(self, name, _):
        plain = f"http://{name}.example.org/plain"
        script = self._feed(name, self._slow_pace(), shown=40, url=f"https://{name}.example.org/feed")
        script.routes = {plain: script.document}
        script.troubles = [within(60, 80, moved(302, plain))]
        script.config = {"headers": (("X-Key", "secret"),)}
        return script
