"""`python -m ivr`, and `ivr`."""

import atexit
import os
import sys

from ivr.cli import app

STOPPED = 130
"""Exit code of a program that was stopped with Ctrl-C."""


def main() -> None:
    """Run the command line. The program ends without being taken apart.

    Python would free every object of a server one by one, which takes seconds (its models are millions of them), when
    all that had to be closed is closed and written.
    """
    code = 1

    def leave() -> None:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)

    # The first that is registered is called last, after threads have ended and a traceback was printed.
    atexit.register(leave)
    try:
        app()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        raise
    except KeyboardInterrupt:
        code = STOPPED
        raise


if __name__ == "__main__":
    main()
