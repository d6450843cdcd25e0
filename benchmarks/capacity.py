"""How many callers at once are served well, and what gives out first.

    python benchmarks/capacity.py [--from 8] [--step 8] [--most 96] [--seconds 45] [--json figures.json]

Served well: 95 % of spoken turns are answered within 1.2 s, no frame of the server's speech is late, no turn is lost.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.figures import PARTS, Figures
from benchmarks.load import arguments, measure, report, server_for, warm_up

GOOD_P95_SECONDS = 1.2
FULL = 0.85
"""Share of the cores from which a queue in front of them grows."""


def failing(figures: Figures) -> list[str]:
    """Why this load is not served well; empty if it is."""
    why = []
    if figures.latency.p95 is None:
        why.append("no turn was answered")
    elif figures.latency.p95 > GOOD_P95_SECONDS:
        why.append(f"p95 is {figures.latency.p95:.2f} s")
    if figures.gaps:
        why.append(f"{figures.gaps} late frames")
    if figures.lost:
        why.append(f"{figures.lost} turns lost")
    return why


def saturated(figures: Figures, least: Figures, cores: int) -> str:
    """What gave out first, from the load that failed and the smallest one."""
    if figures.driver_late_share > 0.01:
        return "this program (its own frames left late): run it on another machine with --base"
    if figures.server_cores > FULL * cores:
        return f"the processor: the server used {figures.server_cores:.2f} of {cores} cores"
    if figures.machine_busy > FULL:
        own = figures.server_cores + figures.driver_cores
        return f"the processor, but not by the server alone: {own:.2f} of {cores} cores are the server's and ours"
    if figures.server_cores > FULL:
        return f"one core: the server used {figures.server_cores:.2f}, so most likely its event loop"
    grown = {part: (figures.split[part].p95 or 0.0) - (least.split[part].p95 or 0.0) for part in PARTS[1:]}
    part = max(grown, key=lambda name: grown[name])
    return f"{part}: its p95 grew by {grown[part]:.2f} s"


def main() -> None:
    parser = arguments("The largest number of callers that is served well.")
    parser.set_defaults(seconds=45.0)
    parser.add_argument("--from", dest="least", type=int, default=8)
    parser.add_argument("--step", type=int, default=8)
    parser.add_argument("--most", type=int, default=96)
    options = parser.parse_args()
    seen: list[Figures] = []
    with server_for(options, options.most) as server:
        warm_up(server)
        for callers in range(options.least, options.most + 1, options.step):
            seen.append(measure(server, callers, options.seconds))
            if failing(seen[-1]):
                break
    report(seen, options.json)
    good = [figures.callers for figures in seen if not failing(figures)]
    print(f"\nServed well: {max(good, default=0)} callers at once.")
    if why := failing(seen[-1]):
        print(f"{seen[-1].callers} callers: {', '.join(why)}.")
        print(f"What gave out first: {saturated(seen[-1], seen[0], os.cpu_count() or 1)}.")


if __name__ == "__main__":
    main()
