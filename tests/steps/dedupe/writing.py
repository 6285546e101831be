"""Made texts, and the items they come in."""

from dataclasses import replace
from random import Random

from aggregator.domain.entry import Entry, FeedInfo, Text
from aggregator.domain.outcome import ReadContext
from aggregator.domain.sketch import Exemplar, Neighbours
from aggregator.steps.clean import clean
from aggregator.steps.dedupe import identify, sketch
from aggregator.steps.dedupe.placing import Shelf

TITLE = "Harbour of Quane opens its third basin to ships"

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


def placed(*items):
    """Each item's story, by the place of the item that opened it; and the reasons."""
    shelf, opened, stories, reasons = Shelf(Neighbours()), {}, [], []
    for number, it in enumerate(items):
        intent = shelf.put(it, f"item {number}")
        opened[f"item {number}"] = opened[intent.beside] if intent.beside else number
        stories.append(opened[f"item {number}"])
        reasons.append(intent.reason)
    return stories, reasons


def edited(text, seed, share):
    """So many of the words replaced."""
    random = Random(seed)
    return " ".join(word if random.random() > share else words(random.random(), 1)[0] for word in text.split())


def known_stories(stories):
    """What a store would know of them."""
    postings, exemplars = {}, {}
    for number, (it, name) in stories.items():
        for key in (*it.sketch.fingerprints, *it.sketch.headlines):
            postings[key] = (*postings.get(key, ()), number)
        exemplars[number] = (
            Exemplar(item=name, source_id=it.source_id, story=number, story_public_id=name, sketch=it.sketch),
        )
    return Neighbours(postings=postings, exemplars=exemplars)
