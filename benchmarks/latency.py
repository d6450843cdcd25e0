"""How long callers wait for answers, measured where they hear them: real speech over the Media Streams websocket.

    python benchmarks/latency.py --callers 1,8,16,32,48 --seconds 60 [--json figures.json]
    python benchmarks/latency.py --callers 8 --base http://127.0.0.1:8000 --pid 4711

Latency: from the frame with the caller's last audible sample to the first audible sample of the answer, both on one
clock. Barge-in: from the caller's first voiced frame to the arrival of `clear`.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.load import arguments, measure, report, server_for, warm_up


def main() -> None:
    parser = arguments("Latency of spoken turns at the far end.")
    parser.add_argument("--callers", default="1,8,16,32,48", help="loads, one after the other (1,8,16,32,48)")
    options = parser.parse_args()
    loads = [int(callers) for callers in options.callers.split(",")]
    with server_for(options, max(loads)) as server:
        warm_up(server)
        report([measure(server, callers, options.seconds) for callers in loads], options.json)


if __name__ == "__main__":
    main()
