"""
numpy, with a linear algebra that starts no threads of its own.

Its threads cost more than half as much again as importing numpy does, wait for each other in a busy loop, and gain
nothing on one short text. Many texts are shared out among threads of ours, each with whole texts to itself. Whoever has
set a number of threads in the environment keeps it.
"""

from __future__ import annotations

import os

THREADS = "OPENBLAS_NUM_THREADS"  # read when the library is loaded, and only then

if THREADS in os.environ:
    import numpy as np
else:
    os.environ[THREADS] = "1"
    try:
        import numpy as np
    finally:
        del os.environ[THREADS]

__all__ = ["np"]
