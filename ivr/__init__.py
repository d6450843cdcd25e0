"""A call centre that answers: speech IVR, skill-matched queues, surveys and outbound verification."""

import os

# One thread per inference: with more, BLAS spins against the recognizers of other calls, and training a flow's
# understanding takes four times as long on a busy two-core machine (measured: 33 s against 8 s). Read by numpy when
# it is first imported, so it must stand here.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

__version__ = "0.1.0"
