"""Words in colour: HTML that shows how much each word of a text speaks for an answer."""

import html

import numpy as np

from course_utils.data.display import isolated, no_formula, shown_names
from course_utils.look.figures.base import BLUE, ORANGE

INK, PAPER = "#111111", "#FFFFFF"  # both are set, because a dark theme has white letters


COLOUR = 0.6
"""How much of its colour the strongest word gets. More of the blue would be too dark for INK."""


LINE = 4
"""Thickness of the line at the strongest word, in pixels."""


LONG_WORD = 40
"""Letters; a longer word is broken, and shortened in the caption."""


def words_html(attributions) -> str:
    """The words of each attribution in colour, its answer in one sentence, and one legend.

    Each word carries its score as a number, so it is all there without colours and lines, too.
    """
    figures = "".join(_figure(attribution) for attribution in attributions)
    longest = max(len(word) for attribution in attributions for word in attribution.words)
    wrap = ";overflow-wrap:anywhere" if longest > LONG_WORD else ""
    return no_formula(
        f'<div style="background-color:{PAPER};color:{INK};padding:8px 12px;max-width:820px{wrap}">'
        f"{figures}<div>{_box('speaks for the answer', 1)}: blue, solid line below. "
        f"{_box('speaks against it', -1)}: orange, dashed line above. "
        "Numbers are scores; the strongest word of each text has the full colour.</div></div>"
    )


def _figure(attribution) -> str:
    """The caption is also what a screen reader calls the figure."""
    largest = np.abs(attribution.scores).max() or 1
    words = " ".join(
        '<span style="display:inline-block;text-align:center;margin:3px 1px">'
        f"{_box(word, score / largest)}<br>"
        f'<span style="font-size:0.8em">{score:+z.2f}</span></span>'
        for word, score in zip(attribution.words, attribution.scores, strict=True)
    )
    to_the_left = any(isolated(word) != word for word in attribution.words)
    begin = '<div dir="auto">' if to_the_left else "<div>"  # Arabic goes on where its text goes on
    return (
        '<figure style="margin:0 0 12px 0">'
        f"<figcaption>{html.escape(caption(attribution))}</figcaption>{begin}{words}</div></figure>"
    )


def _box(word: str, strength: float) -> str:
    """A word with its colour and its line; `strength` goes from -1 (against) to 1 (for).

    Both colours and both lines are always there, one of each with a strength of 0. So two computers
    that compute slightly different scores write the same HTML, except for decimals.
    """
    speaks_for, against = max(strength, 0), max(-strength, 0)
    return (
        '<span style="display:inline-block;'
        f"border-top:{LINE * against:.2f}px dashed {_tint(INK, 2 * against)};"
        f"border-bottom:{LINE * speaks_for:.2f}px solid {_tint(INK, 2 * speaks_for)};"
        # A browser draws no line thinner than a pixel, so weak ones are pale as well. What a line
        # lacks in thickness is filled up: all words of a row stand at the same height.
        f"padding:{LINE * (1 - against):.2f}px 0 {LINE * (1 - speaks_for):.2f}px 0;"
        f'background-color:{_tint(BLUE, COLOUR * speaks_for)}">'
        '<span style="display:inline-block;padding:0 4px;'
        f'background-color:{_tint(ORANGE, COLOUR * against)}">{html.escape(word)}</span></span>'
    )


def _tint(colour: str, share: float) -> str:
    """So much of a colour (at most all of it) that what lies behind it shines through."""
    red, green, blue = bytes.fromhex(colour[1:])
    return f"rgba({red},{green},{blue},{min(share, 1):.3f})"


def caption(attribution) -> str:
    """One sentence: the answer, and the words that speak most for it and against it."""
    label, rival = shown_names([attribution.label, attribution.rival], LONG_WORD)
    return (
        f"{attribution.method.capitalize()}: the answer is “{label}” (probability "
        f"{attribution.probability:.3f}), not “{rival}”; most for it: "
        f"{_strongest(attribution, 1)}; most against it: {_strongest(attribution, -1)}."
    )


def _strongest(attribution, sign: int) -> str:
    """Up to three words that speak in this direction; those with less than a tenth do not count."""
    scores = sign * attribution.scores
    order = np.argsort(-scores, kind="stable")[:3]
    enough = max(np.abs(scores).max() / 10, 0.005)  # and no score that is shown as 0.00
    words = shown_names(attribution.words, LONG_WORD)
    named = [f"“{words[n]}” ({attribution.scores[n]:+.2f})" for n in order if scores[n] >= enough]
    return ", ".join(named) or "no word"
