"""One load on one server: everything `latency.py` and `capacity.py` share."""

import argparse
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from benchmarks.callers import LONGEST_RAMP_SECONDS, RAMP_SECONDS, late_frames, make_voices, play
from benchmarks.far_server import ROOT, Meter, Server, records, running, started
from benchmarks.figures import Figures, count, far_end_table, split_of, split_table, spread

VOICES = ROOT / "var" / "callers"


def arguments(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seconds", type=float, default=60.0, help="measured after all callers have begun (60)")
    parser.add_argument("--base", help="a running server, with its IVR_* and TWILIO_* in the environment")
    parser.add_argument("--pid", type=int, help="its process, to measure processor and memory")
    parser.add_argument("--config", type=Path, default=ROOT / "config.yaml", help="for a server of our own")
    parser.add_argument("--number", default="+15555550100", help="the number that callers dial")
    parser.add_argument("--json", type=Path, help="also write all figures to this file")
    return parser


@contextmanager
def server_for(options: argparse.Namespace, most_callers: int) -> Iterator[Server]:
    print("making the callers' voices …", flush=True)
    make_voices(VOICES)
    if options.base:
        yield running(options.base.rstrip("/"), options.number, options.pid)
        return
    with tempfile.TemporaryDirectory(prefix="ivr-benchmark-") as folder:
        print("starting a server …", flush=True)
        with started(options.config, options.number, most_callers + 16, Path(folder)) as server:
            yield server


def warm_up(server: Server) -> None:
    """Two short conversations, so that models are loaded and prompts are made."""
    play(server.where, 2, 15.0, VOICES)


def measure(server: Server, callers: int, seconds: float) -> Figures:
    """Put the load on the server and take everything that can be measured."""
    print(f"{callers} callers …", flush=True)
    since, began = datetime.now(UTC).isoformat(), monotonic()
    meter = Meter(server.pid)
    # Processes start and callers come in one after the other meanwhile; see `play`.
    lead = 3.0 + callers / 24 + min(RAMP_SECONDS * callers, LONGEST_RAMP_SECONDS)
    meter.begin(began + lead, began + lead + seconds - 1.0)
    played, measured_from, until = play(server.where, callers, seconds, VOICES)
    usage = meter.end()
    spoken = [turn for turn in played.turns if turn.kind == "speech"]
    keyed = [turn for turn in played.turns if turn.kind == "keys"]
    return Figures(
        callers,
        len(played.calls),
        latency=spread(turn.latency for turn in spoken if turn.latency is not None),
        keys=spread(turn.latency for turn in keyed if turn.latency is not None),
        barge_in=spread(turn.barge_in for turn in spoken if turn.barge_in is not None),
        lost=count(played.turns, "lost"),
        cut_off=count(played.turns, "cut_off"),
        talked_over=count(played.turns, "talked_over"),
        gaps=len(played.gaps),
        gap_seconds=sum(played.gaps),
        troubles=tuple(sorted(set(played.troubles))),
        driver_late=spread(played.lateness),
        driver_late_share=late_frames(played.lateness) / max(1, len(played.lateness)),
        driver_cores=played.cpu_seconds / (until - measured_from + lead),
        server_cores=usage.cores,
        server_rss_mb=usage.rss_mb,
        machine_busy=usage.machine_busy,
        split=split_of(records(server, played.calls, since)),
    )


def report(all_figures: Sequence[Figures], file: Path | None) -> None:
    load = os.getloadavg()[0]
    print(f"\nAt the far end (seconds; {os.cpu_count()} cores, load average {load:.1f}):\n{far_end_table(all_figures)}")
    print(f"\nThe server's own split of its spoken turns (seconds):\n{split_table(all_figures)}")
    for figures in all_figures:
        for trouble in figures.troubles:
            print(f"{figures.callers} callers: {trouble}")
        if figures.driver_late_share > 0.01:
            print(f"{figures.callers} callers: this program itself was late; its figures are worse than the server")
    if file:
        file.write_text(json.dumps([figures.as_json() for figures in all_figures], indent=2), encoding="utf-8")
