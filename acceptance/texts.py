"""Texts from a backend, cut before they are masked, searched or shown."""

from collections.abc import Collection

LONGEST_SHOWN = 200
MOST_NAMES, LONGEST_NAME = 20, 50


def cut(text: str, longest: int = LONGEST_SHOWN) -> str:
    """Return the first `longest` characters of `text`; an ellipsis shows that a secret may be cut off."""
    return text if len(text) <= longest else f"{text[:longest]}…"


def named(names: Collection[str]) -> str:
    """Return `names`, the first ones where there are many, as a list in a sentence."""
    shown = ", ".join(cut(name, LONGEST_NAME) for name in list(names)[:MOST_NAMES])
    others = len(names) - MOST_NAMES
    return f"{shown} and {others:,} others" if others > 0 else shown
