"""Pure: finding a landmark from words as a caller said them and a recognizer heard them, in English or Chinese."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Any

from pypinyin import lazy_pinyin
from rapidfuzz import fuzz

EARTH_METRES = 6_371_008.8
"""Mean radius (IUGG)."""

NEAR_ENOUGH = 78.0
"""Similarity, 0 to 100, from which a spelling is taken for a name."""

TOO_CLOSE = 4.0
"""Names whose similarity differs by less cannot be told apart."""

FILLER = re.compile(
    r"\b(?:near|nearby|around|by|close to|next to|at|the|a|an|please|somewhere)\b|附近|旁边|那边|那里|周围|离|的|请"
)
HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Place:
    name: Mapping[str, str]
    """By language, as it is spoken inside a sentence."""

    full: Mapping[str, str]
    """By language, as it is told apart from others."""

    keys: frozenset[str]
    """Every way to say it, normalised."""

    at: tuple[float, float]
    """Latitude and longitude in degrees."""


def read_place(stored: Mapping[str, Any]) -> Place:
    said = [*stored["name"].values(), *stored["full"].values(), *stored["also"]]
    at = stored["at"]
    return Place(stored["name"], stored["full"], frozenset(map(normal, said)), (at[0], at[1]))


def normal(words: str) -> str:
    """Lower case, without filler, punctuation and possessives: "near the Bird's Nest" → "birds nest"."""
    bare = re.sub(r"['’]", "", words.casefold())
    plain = re.sub(r"[^\w\s]", " ", FILLER.sub(" ", bare))
    return " ".join(plain.split())


def find_places(words: str, places: Sequence[Place]) -> list[Place]:
    """The places the words may mean: one when it is clear, several when they are ambiguous, none when unknown."""
    query = normal(words)
    if not query:
        return []
    exact = [place for place in places if query in place.keys]
    return exact or _named_inside(query, places) or _sounds_like(query, places)


def suggestions(words: str, places: Sequence[Place], count: int = 3) -> list[Place]:
    """The places whose names come nearest, best first."""
    query = normal(words)
    return sorted(places, key=lambda place: -_likeness(query, place))[:count]


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance between two points in degrees (haversine)."""
    lat_a, lon_a, lat_b, lon_b = map(radians, (*a, *b))
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_METRES * asin(sqrt(half))


def _named_inside(query: str, places: Iterable[Place]) -> list[Place]:
    """Places whose longest name stands inside the words: "the bird's nest in town"."""
    found = [(len(key), place) for place in places for key in place.keys if _stands_in(key, query)]
    longest = max((length for length, _ in found), default=0)
    return [place for length, place in found if length == longest]


def _stands_in(key: str, query: str) -> bool:
    if HAN.search(key):
        return key in query
    return f" {key} " in f" {query} "


def _sounds_like(query: str, places: Iterable[Place]) -> list[Place]:
    scored = [(_likeness(query, place), place) for place in places]
    best = max((score for score, _ in scored), default=0.0)
    if best < NEAR_ENOUGH:
        return []
    return [place for score, place in scored if best - score < TOO_CLOSE]


def _likeness(query: str, place: Place) -> float:
    """0 to 100, by letters; Chinese by its sound, since recognizers write homophones."""
    if not HAN.search(query):
        return max(fuzz.ratio(query, key) for key in place.keys)
    sound = _sound(query)
    return max((fuzz.ratio(sound, _sound(key)) for key in place.keys if HAN.search(key)), default=0.0)


def _sound(words: str) -> str:
    return " ".join(lazy_pinyin(words))
