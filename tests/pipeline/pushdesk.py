"""A newsroom whose feeds name hubs: the hub is scripted, the store is real, the clock stands until it is moved."""

from dataclasses import dataclass, field, replace
from hashlib import blake2b
from urllib.parse import parse_qsl

from newsdesk import LineReader, Newsdesk, done

from aggregator.domain.call import Answer
from aggregator.domain.source import SourceKind
from aggregator.domain.subscription import Delivery, Denied, PushState, Verified
from aggregator.pipeline.collect import Collector
from aggregator.pipeline.deliver import Deliveries
from aggregator.pipeline.inbox import Inbox
from aggregator.pipeline.push import Subscriber
from aggregator.steps.push.subscribe import expects

HUB = "https://hub.example/"
TOPIC = "https://one.example/topic"


@dataclass
class HubReader(LineReader):
    """The feed of source `one` names these hubs."""

    hubs: tuple = (HUB,)
    topic: str | None = TOPIC

    def read(self, context, response, known, now, further=()):
        reading = super().read(context, response, known, now, further).result()
        if context.source_id != "one":
            return done(reading)
        return done(replace(reading, info=replace(reading.info, hubs=self.hubs, self_link=self.topic)))


@dataclass
class ScriptedHub:
    """Remembers what it is asked; answers by hub, else 202."""

    answers: dict = field(default_factory=dict)
    calls: list = field(default_factory=list)

    def call(self, call):
        self.calls.append(call)
        return done(self.answers.get(call.url, Answer(status=202)))

    @property
    def forms(self):
        return [dict(parse_qsl(call.body.decode(), strict_parsing=True)) for call in self.calls]


class PushDesk(Newsdesk):
    def __init__(self, store, folder, **more):
        self.reader = HubReader()
        super().__init__(store, folder, **more)
        self.hub = ScriptedHub()
        self.new_subscriber()
        self.fetcher.answers["one"] = b"g1|https://one.example/1|First"
        self.fetcher.answers["two"] = b"g1|https://two.example/1|Second"

    def new_collector(self, owner="desk/1/a"):
        return Collector(
            store=self.store,
            fetchers={SourceKind.FEED: self.fetcher},
            reader=self.reader,
            clock=self.clock,
            configuration=self.configuration,
            owner=owner,
        )

    def new_subscriber(self):
        """As after a start of the program; it begins nothing by itself."""
        self.inbox = Inbox()
        self.tokens = 0
        self.subscriber = Subscriber(
            store=self.store,
            caller=self.hub,
            clock=self.clock,
            configuration=self.configuration,
            inbox=self.inbox,
            token=self.token,
        )
        self.deliveries = Deliveries(
            store=self.store,
            reader=self.reader,
            clock=self.clock,
            configuration=self.configuration,
            inbox=self.inbox,
            wake=lambda: None,
        )

    def token(self):
        self.tokens += 1
        return f"unguessable-{id(self.inbox)}-{self.tokens}"

    def ask(self, turns=1):
        """What is due is asked, and the answers are taken."""
        for _ in range(turns):
            self.subscriber.ask()
            self.subscriber.step()

    def subscription(self, state=None):
        """The live one of source `one`; else any in that state."""
        with self.store.read() as rooms:
            if state in (PushState.LEAVING, PushState.ENDED):
                return next((s for n in range(1, 20) if (s := rooms.subscriptions.get(n)) and s.state is state), None)
            return rooms.subscriptions.live(["one"]).get("one")

    def verify(self, *, mode="subscribe", lease=864_000, state=None):
        """The hub asks, and is told yes if that was asked for. Whether it was."""
        one = self.subscription(state)
        now = self.clock.now()
        if one is None or not expects(one, mode, one.topic, now):
            return False
        subscribe = mode == "subscribe"
        self.inbox.tell(
            Verified(subscription_id=one.id, subscribe=subscribe, lease=lease if subscribe else None, at=now)
        )
        self.subscriber.step()
        return True

    def deny(self, why="no more"):
        self.inbox.tell(Denied(subscription_id=self.subscription().id, why=why, at=self.clock.now()))
        self.subscriber.step()

    def deliver(self, body):
        """A signed delivery comes and is stored; the reports."""
        self.hand_over(body)
        return self.deliveries.step(self.configuration)

    def hand_over(self, body):
        """A signed delivery comes."""
        one = self.subscription()
        assert self.inbox.take_room(len(body), of=one.id)
        delivery = Delivery(
            subscription_id=one.id,
            source_id="one",
            topic=one.topic,
            body=body,
            content_type=b"text/plain",
            digest=blake2b(body, digest_size=16).digest(),
            at=self.clock.now(),
        )
        assert self.inbox.deliver(delivery)

    def subscribed(self):
        """Source `one` was read, its hub asked, and the subscription verified."""
        self.collect()
        self.ask()
        assert self.verify()
        return self

    def proven(self):
        """Push is proven: a delivery came, and the next poll found nothing else."""
        self.subscribed()
        self.deliver(b"g2|https://one.example/2|Pushed")
        self.fetcher.answers["one"] = b"g1|https://one.example/1|First\ng2|https://one.example/2|Pushed"
        self.poll()
        assert self.subscription().proven
        return self

    def poll(self):
        """The next visit of source `one`, when it is due."""
        self.clock.moment = max(self.visits("one").next_visit, self.clock.moment)
        return self.collect()["one"]

    def edit(self, **changes):
        """feeds.yaml is edited."""
        self.reconfigure(**changes)
        self.subscriber.configure(self.configuration)
