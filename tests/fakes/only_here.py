"""A backend that opens in the first process alone, as one that needs a whole device to itself; workers cannot."""

from __future__ import annotations

import multiprocessing
import os
import time

from tests.fakes.backends import Correct

if multiprocessing.parent_process() is not None:
    if os.environ.get("ONLY_HERE") == "abort":
        os.abort()
    if os.environ.get("ONLY_HERE") == "hang":
        time.sleep(3600)
    raise RuntimeError("the device is taken")

prepare = Correct.prepare
