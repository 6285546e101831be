"""Servers that fail, refuse, cut and hold back: kinds of the cast."""

from dataclasses import replace
from email.utils import format_datetime

from tests.replay.replay_net import DAY, HOUR, Reply
from tests.replay.replay_script import daily, each, once, refused, until_date, within
from tests.replay.replay_time import moment


class Failing:
    """A part of Cast."""

    def _youtube_404(self, name, number):
        gone = Reply(status=404, headers=((b"Cache-Control", b"max-age=900"),), fresh=900.0, body=b"gone")
        first = 8 + number
        return self._feed(name, self._slow_pace(5 * HOUR), shown=15, troubles=[daily(first, first + 5, gone)])

    def _k429_seconds(self, name, number):
        retry = (3 * HOUR, 2 * DAY, 120.0)[number % 3]
        said = b"%d" % retry
        return self._feed(name, self._every(), shown=60, troubles=[each(9, refused(429, retry, said))])

    def _k429_date(self, name, _):
        return self._feed(name, self._every(), shown=60, troubles=[each(7, until_date(429, 5 * HOUR))])

    def _k429_absurd(self, name, number):
        said = (b"-60", b"99999999999999999999", b"soon", b"0", b"Fri, 31 Dec 99999 23:59:59 GMT", b"1e20", b"",
                b"Sun, 01 Mar 2020 00:00:00 GMT")  # fmt: skip
        means = {b"99999999999999999999": 7 * DAY}
        answers = [
            once(3 + 4 * n, refused(429, means.get(value), value))
            for n, value in enumerate(said)
            if n % 3 == number % 3
        ]
        return self._feed(name, self._slow_pace(), shown=60, troubles=answers)

    def _k429_silent(self, name, _):
        return self._feed(name, self._slow_pace(), shown=60, troubles=[within(40, 70, refused(429))])

    def _k429_reset(self, name, number):
        def answer(asked):
            value = b"21600" if number % 2 == 0 else b"%d" % (int(moment(asked.t).timestamp()) + 21600)
            return Reply(
                status=429, headers=((b"X-RateLimit-Reset", value), (b"Date", _date(asked.t))), retry=6 * HOUR - 1
            )

        return self._feed(name, self._slow_pace(), shown=60, troubles=[each(8, answer)])

    def _k503_host(self, name, number):
        retry = 3 * HOUR
        hours = [(30, 40), (200, 206)]
        troubles = [within(a, b, refused(503, retry, b"10800")) for a, b in hours]
        return self._feed(name, self._slow_pace(), shown=40, url=f"http://busy.example.org/{number}", troubles=troubles)

    def _k403(self, name, number):
        return self._feed(name, self._slow_pace(), shown=40, troubles=[within(50, 90, refused((403, 451)[number % 2]))])

    def _challenge(self, name, number):
        page = b"<!doctype html><script>window._cf_chl_opt={}</script>"
        headers = ((b"cf-mitigated", b"challenge"),) if number % 2 == 0 else ()
        reply = Reply(status=(403, 503)[number % 2], headers=headers, body=page, challenge=True)
        return self._feed(name, self._slow_pace(), shown=40, troubles=[within(30, 60, reply)])

    def _k410_once(self, name, number):
        return self._feed(name, self._slow_pace(), troubles=[once(6 + number, refused(410))])

    def _k410_twice(self, name, _):
        script = self._feed(name, self._slow_pace(), troubles=[within(100, 1e9, refused(410))])
        script.cannot = {script.guid(n) for n, at in enumerate(script.entries) if at > 99 * HOUR - 8 * HOUR}
        return script

    def _k500_days(self, name, _):
        return self._feed(name, self._slow_pace(24 * HOUR), troubles=[within(20, 150, refused(500))])

    def _truncated(self, name, _):
        script = self._feed(name, self._slow_pace())
        script.troubles = [each(5, lambda asked: _cut(script.document(asked), 90))]
        return script

    def _ends_early(self, name, _):
        """No length is said, so only the document's end is missing: its complete entries are kept."""
        script = self._feed(name, self._slow_pace(), rss=True)

        def answer(asked):
            reply = script.document(asked)
            return replace(reply, body=reply.body[:-60], good=False) if reply.status == 200 else reply

        script.troubles = [each(4, answer)]
        return script

    def _login_page(self, name, _):
        page = b"<!DOCTYPE html><html><head><title>Log in</title></head><body><form>log in</form></body></html>"
        reply = Reply(headers=((b"ETag", b'"login"'), (b"Content-Type", b"text/html")), body=page)
        return self._feed(name, self._slow_pace(), shown=40, troubles=[within(70, 100, reply)])

    def _too_large(self, name, _):
        reply = Reply(headers=((b"ETag", b'"large"'),), body=b"<rss>" + b" " * 3_000_000)
        return self._feed(name, self._slow_pace(), shown=40, troubles=[within(70, 80, reply)])

    def _empty(self, name, _):
        return self._feed(
            name, self._slow_pace(), shown=40, troubles=[within(70, 90, Reply(headers=((b"ETag", b'"0"'),)))]
        )

    def _k204_206(self, name, number):
        reply = Reply(
            status=(204, 206)[number % 2], headers=((b"ETag", b'"part"'),), body=b"" if number % 2 == 0 else b"<rss"
        )
        return self._feed(name, self._slow_pace(), shown=40, troubles=[within(70, 90, reply)])

    def _k304_unasked(self, name, _):
        return self._feed(
            name, self._slow_pace(), marks="none", shown=40, troubles=[within(70, 110, Reply(status=304))]
        )

    def _k412(self, name, _):
        script = self._feed(name, self._slow_pace(), shown=40)

        def refusal(asked):
            return refused(412) if asked.header(b"If-None-Match") else None

        script.troubles = [within(70, 120, refusal)]
        return script

    def _slow(self, name, number):
        return self._feed(
            name, self._slow_pace(), delay=(12.0, 14.5)[number % 2], url=f"http://slow.example.org/{number}"
        )

    def _silent(self, name, _):
        return self._feed(name, self._slow_pace(), shown=40, troubles=[within(50, 90, Reply(status=200, delay=None))])

    def _dns_days(self, name, number):
        self.broken.append((f"{name}.example.org", (40 + number) * HOUR, 100 * HOUR))
        return self._feed(name, self._slow_pace(), shown=40)

    def _dns_for_ever(self, name, _):
        self.broken.append((f"{name}.example.org", -1.0, 1e12))
        script = self._feed(name, self._slow_pace())
        script.cannot = {script.guid(n) for n in range(len(script.entries))}
        return script


def _cut(reply, count):
    return replace(reply, cut=min(count, len(reply.body) - 1), good=False) if reply.status == 200 else reply


def _date(t):
    return format_datetime(moment(int(t)), usegmt=True).encode()
