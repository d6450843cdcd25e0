from dataclasses import replace

import pytest

from benchmarks.capacity import failing, saturated
from benchmarks.conversations import all_words, conversation, spoken_digits
from benchmarks.figures import PARTS, Figures, Spread, split_of, spread, table

QUIET = Spread(0, None, None, None)
GOOD = Figures(
    callers=8,
    calls=10,
    latency=Spread(100, 0.4, 0.8, 0.9),
    keys=QUIET,
    barge_in=QUIET,
    lost=0,
    cut_off=0,
    talked_over=0,
    gaps=0,
    gap_seconds=0.0,
    troubles=(),
    driver_late=Spread(100, 0.0, 0.001, 0.002),
    driver_late_share=0.0,
    driver_cores=0.2,
    server_cores=0.5,
    server_rss_mb=500.0,
    machine_busy=0.4,
    split={part: Spread(100, 0.1, 0.2, 0.3) for part in PARTS},
)


def test_percentiles_are_by_nearest_rank() -> None:
    values = [float(value) for value in range(1, 101)]
    assert spread(reversed(values)) == Spread(100, 50.0, 95.0, 99.0)
    assert spread([]) == QUIET


def test_the_split_takes_spoken_turns_only_and_leaves_out_parts_that_were_not_measured() -> None:
    calls = [
        {
            "turns": [
                {"heard": "", "keys": "1", "latency": {"total": 9.0}},
                {"heard": "yes", "keys": "", "latency": {"total": 0.5, "recognition": 0.1}},
                {"heard": "no", "keys": "", "latency": {}},
                {"heard": "bye", "keys": "", "latency": {"recognition": 0.2}},
            ]
        }
    ]
    split = split_of(calls)
    assert split["total"] == Spread(1, 0.5, 0.5, 0.5)
    assert split["recognition"] == Spread(2, 0.1, 0.2, 0.2)
    assert split["first_audio"] == QUIET


def test_a_table_has_aligned_columns() -> None:
    assert table(("n", "p50"), (("1", "0.400"), ("16", "-"))) == " n    p50\n--  -----\n 1  0.400\n16      -"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, []),
        ({"latency": Spread(9, 0.5, 1.3, 1.4)}, ["p95 is 1.30 s"]),
        ({"latency": QUIET}, ["no turn was answered"]),
        ({"gaps": 2, "lost": 1}, ["2 late frames", "1 turns lost"]),
    ],
)
def test_a_load_is_served_well_or_it_is_said_why_not(changes: dict[str, object], why: list[str]) -> None:
    assert failing(replace(GOOD, **changes)) == why  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"driver_late_share": 0.02, "server_cores": 2.0}, "this program"),
        ({"server_cores": 1.8}, "the processor: the server used 1.80 of 2 cores"),
        ({"machine_busy": 0.95}, "not by the server alone: 0.70 of 2 cores"),
        ({"server_cores": 1.0}, "its event loop"),
        (
            {"split": dict(GOOD.split) | {"recognition": Spread(9, 0.5, 1.1, 1.2)}},
            "recognition: its p95 grew by 0.90",
        ),
    ],
)
def test_what_gave_out_first_is_named(changes: dict[str, object], says: str) -> None:
    assert says in saturated(replace(GOOD, **changes), GOOD, cores=2)  # type: ignore[arg-type]


def test_every_word_that_callers_say_is_made_beforehand() -> None:
    words = set(all_words())
    later = {getattr(line, "words", None) for number in range(2000) for line in conversation(number)}
    assert later - {None} <= words
    assert spoken_digits("4021") in {"four zero two one."}
