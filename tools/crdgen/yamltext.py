"""Writes JSON values as block-style YAML, always the same bytes for the same value.

Python's standard library has no YAML writer. Keys keep the order of their dict.
"""

import json
import re
import textwrap

WIDTH = 100

# A string that reads as itself in YAML 1.1 and 1.2 without quotes.
PLAIN = re.compile(r"([A-Za-z/(]|\.[a-z]{4})[A-Za-z0-9 _./,;()=+<>@~$-]*")
RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"}


def dump(value):
    return "".join(line + "\n" for line in _lines(value, indent=0))


def _lines(value, indent):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _entry(f"{_scalar(key)}:", item, indent, indent + 2)
    else:
        for item in value:
            yield from _list_item(item, indent)


def _list_item(item, indent):
    if not (isinstance(item, dict) and item):
        yield from _entry("-", item, indent, indent + 2)
        return
    first, *rest = _lines(item, indent + 2)
    yield " " * indent + "- " + first[indent + 2 :]
    yield from rest


def _entry(head, item, indent, inner):
    pad = " " * indent
    if isinstance(item, (dict, list)) and item:
        yield pad + head
        # A list stands at the level of its key, as kubebuilder writes it.
        yield from _lines(item, indent if isinstance(item, list) else inner)
        return
    text = _scalar(item)
    if isinstance(item, str) and len(pad + head + text) >= WIDTH and _foldable(item):
        yield f"{pad}{head} >-"
        yield from _folded(item, " " * inner)
        return
    yield f"{pad}{head} {text}"


def _foldable(text):
    """Whether folding at single spaces gives the same text back."""
    return " " in text and text == " ".join(text.split())


def _folded(text, pad):
    return textwrap.wrap(
        text,
        max(WIDTH, len(pad) + 40),
        initial_indent=pad,
        subsequent_indent=pad,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _scalar(value):
    if not isinstance(value, str):
        return json.dumps(value)
    plain = PLAIN.fullmatch(value) and value.lower() not in RESERVED and not value.endswith(" ")
    return value if plain else json.dumps(value, ensure_ascii=False)
