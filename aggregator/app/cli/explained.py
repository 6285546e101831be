"""An explanation in words, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.app.cli.common import rfc3339
from aggregator.domain.subscription import PushState
from aggregator.text.figures import figures as figures_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aggregator.domain.article import Article
    from aggregator.domain.drop import Drop
    from aggregator.domain.subscription import PushReport
    from aggregator.domain.topic import Copy
    from aggregator.pipeline.explain import Explanation


def as_text(one: Explanation) -> str:
    """An item's life as a person would tell it."""
    stored, item = one.stored, one.stored.item
    lines = [
        f"{item.title}",
        f"  id          {stored.public_id}",
        f"  source      {item.source_id}" + (f" ({push_text(one.push)})" if one.push else ""),
        f"  link        {item.link or 'none'}",
        f"  guid        {item.guid or 'none'}",
        f"  published   {rfc3339(item.published) or 'not said'}",
        f"  first seen  {rfc3339(stored.first_seen)}",
        f"  changed     {rfc3339(stored.changed_at)}",
        f"  language    {item.language or 'unknown'}",
    ]
    if item.credit is not None:
        lines.append(f"  credits     {item.credit.name}")
    if item.article is not None:
        whose = "its page's" if item.article.taken else "the feed's own"
        lines.append(f"  text        {whose}: {item.article.reason}")
    lines.append(f"  story       {stored.story}")
    lines.append(f"              {stored.story_reason}")
    lines += [f"              {told}" for told in _evidence(one)]
    others = [copy for copy in one.copies if copy.stored.id != stored.id]
    lines += [
        f"              also {copy.source_title}: {copy.stored.item.link or copy.stored.public_id}" for copy in others
    ]
    lines.append("  topics" if one.verdicts else "  topics      none configured")
    for verdict in one.verdicts:
        name = verdict.topic_id
        lines.append(f"    {'in ' if verdict.matched else 'not'} {name}: {verdict.reason.text}")
        if (standing := one.standings.get(name)) is not None:
            lines.append(f"        {'' if standing.shown else 'but not shown: '}{standing.text}")
        elif name in one.through:
            lines.append(f"        but its story is, through the copy of {one.through[name]}")
    return "\n".join(lines)


HEADLINES = {
    "equal": "the headlines are equal",
    "cut": "one headline is the other's beginning",
    "other": "each has a headline of its own",
    "frame": "the headlines are alike but for some words",
    "figures": "the headlines have different figures or days",
}
SHOWN = 5  # words or figures that only one of two texts has


def _evidence(one: Explanation) -> Iterator[str]:
    """What two texts have in common, as a person would say it; nothing where no texts were compared."""
    near, item, evidence = one.nearest, one.stored.item, one.stored.story_evidence
    if near is not None:
        other = near.stored.item
        yield f"compared with “{other.title}” in {near.source_title}: {other.link or near.stored.public_id}"
    if "contained" not in evidence:
        return
    agree, differ = int(evidence["figures_agree"]), int(evidence["figures_differ"])
    headlines = HEADLINES[str(evidence["headlines"])]
    figures = f"of the figures in equal phrases {agree} {'is' if agree == 1 else 'are'} the same, {differ} not"
    if near is not None and evidence["headlines"] in {"frame", "figures"}:
        headlines += _only(item.title.split(), near.stored.item.title.split())
    if near is not None and differ:
        figures += _only(figures_of(item.text), figures_of(near.stored.item.text))
    yield f"{float(evidence['contained']):.0%} of the shorter text's words stand in the other"
    yield f"{float(evidence['rare']):.0%} of what they share is found in no third story like them"
    yield headlines
    if agree or differ:
        yield figures


def _only(here: Sequence[str], there: Sequence[str]) -> str:
    """The first words or figures that one has and the other has not."""
    ours = [word for word in dict.fromkeys(here) if word not in there][:SHOWN]
    theirs = [word for word in dict.fromkeys(there) if word not in here][:SHOWN]
    told = [f"{where} {', '.join(words)}" for where, words in (("here", ours), ("there", theirs)) if words]
    return f" ({'; '.join(told)})" if told else ""


def as_json(one: Explanation) -> dict[str, object]:
    """The same for scripts."""
    stored, item = one.stored, one.stored.item
    return {
        "id": stored.public_id,
        "source": item.source_id,
        "push": push_json(one.push),
        "title": item.title,
        "link": item.link,
        "guid": item.guid,
        "published": rfc3339(item.published),
        "first_seen": rfc3339(stored.first_seen),
        "changed": rfc3339(stored.changed_at),
        "language": item.language,
        "credit": item.credit.name if item.credit else None,
        "full_text": _full_text(item.article),
        "story": {
            "id": stored.story,
            "rule": stored.story_rule,
            "reason": stored.story_reason,
            "evidence": dict(stored.story_evidence),
            "compared_with": _compared_with(one.nearest),
            "copies": [
                {"id": copy.stored.public_id, "source": copy.stored.item.source_id, "link": copy.stored.item.link}
                for copy in one.copies
            ],
        },
        "topics": [
            {
                "id": verdict.topic_id,
                "matched": verdict.matched,
                "rule": verdict.reason.rule,
                "reason": verdict.reason.text,
                "evidence": dict(verdict.reason.evidence),
                **_standing(one, verdict.topic_id),
            }
            for verdict in one.verdicts
        ],
    }


def _compared_with(near: Copy | None) -> dict[str, object] | None:
    if near is None:
        return None
    item = near.stored.item
    return {"id": near.stored.public_id, "source": item.source_id, "title": item.title, "link": item.link}


def _full_text(article: Article | None) -> dict[str, object] | None:
    if article is None:
        return None
    return {"taken": article.taken, "waiting": article.waiting, "reason": article.reason}


def push_text(push: PushReport) -> str:
    """A source's subscription at a hub as a person would tell it."""
    until = f" until {rfc3339(push.lease_until)}" if push.lease_until and push.state is PushState.ACTIVE else ""
    proven = ", proven" if push.proven else ""
    return f"push {push.state.value} at {push.hub}{until}{proven}: {push.reason}"


def push_json(push: PushReport | None) -> dict[str, object] | None:
    """The same for scripts."""
    if push is None:
        return None
    return {
        "state": push.state.value,
        "hub": push.hub,
        "proven": push.proven,
        "lease_until": rfc3339(push.lease_until),
        "last_delivery": rfc3339(push.last_delivery),
        "reason": push.reason,
    }


def _standing(one: Explanation, name: str) -> dict[str, object]:
    standing = one.standings.get(name)
    if standing is not None:
        return {"shown": standing.shown, "standing": {"rule": standing.rule, "reason": standing.text}}
    return {"shown": name in one.through, "through": one.through.get(name)}


def drop_text(drop: Drop) -> str:
    """A refused entry as a person would tell it."""
    return "\n".join(
        (
            drop.title,
            f"  source      {drop.source_id}",
            f"  link        {drop.link or 'none'}",
            f"  guid        {drop.guid or 'none'}",
            f"  dropped     {rfc3339(drop.at)}",
            f"              {drop.reason.text}",
        )
    )


def drop_json(drop: Drop) -> dict[str, object]:
    """The same for scripts."""
    return {
        "source": drop.source_id,
        "title": drop.title,
        "link": drop.link,
        "guid": drop.guid,
        "dropped": rfc3339(drop.at),
        "rule": drop.reason.rule,
        "reason": drop.reason.text,
    }
