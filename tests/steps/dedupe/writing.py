"""Made texts, and the items they come in."""

from dataclasses import replace
from random import Random

from aggregator.domain.entry import Entry, FeedInfo, Text
from aggregator.domain.outcome import ReadContext
from aggregator.steps.clean import clean
from aggregator.steps.dedupe import identify, sketch

_SYLLABLES = ["ba", "ke", "lo", "mi", "nu", "ra", "so", "te", "va", "zi", "dor", "fel", "gan", "hul", "pim", "qua"]


def words(seed, count):
    """So many made-up words; another seed gives others."""
    random = Random(seed)
    return ["".join(random.choices(_SYLLABLES, k=random.randint(1, 4))) for _ in range(count)]


def article(seed, count=120):
    """A text of sentences."""
    found = words(seed, count)
    return ". ".join(" ".join(found[at : at + 14]).capitalize() for at in range(0, count, 14)) + "."


def chinese(seed, count=240):
    """A text of Chinese characters, with commas."""
    random = Random(seed)
    found = [chr(random.randint(0x4E00, 0x7000)) for _ in range(count)]
    return "，".join("".join(found[at : at + 15]) for at in range(0, count, 15)) + "。"


def item(source, title, text="", *, guid=None, link=None, content=None, language="en"):
    """An entry as a visit reads it, sketched."""
    name = guid or f"{source}:{title}:{text[:40]}"
    entry = Entry(
        raw_hash=name.encode(),
        guid=name,
        link=link or f"https://{source}.example/{abs(hash(name))}",
        title=Text(value=title, kind="text"),
        summary=Text(value=text) if text else None,
        content=Text(value=content) if content else None,
    )
    context = ReadContext(source_id=source, language=language, timezone=None, encoding=None, max_entries=10)
    read = clean(entry, identify([entry])[0], context, FeedInfo())
    return replace(read, sketch=sketch(read))
