"""A backend that opens in the first process alone, as one that needs a whole device to itself; workers cannot."""

from __future__ import annotations

import multiprocessing
import os
import time

from tests.fakes.backends import AbortOnce, Correct

if multiprocessing.parent_process() is not None:
    way = os.environ.get("ONLY_HERE")
    if way == "abort":
        os.abort()
    if way == "hang":
        time.sleep(3600)
    if way != "abort once":
        raise RuntimeError("the device is taken")
    AbortOnce.fault()

prepare = Correct.prepare
