"""Faults that take the process down, or keep it for ever, where a case has certain sizes or numbers."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable

import numpy as np

from tests.fakes.executor import Call
from tests.fakes.fake import Before
from tests.fakes.faults.fault import Fault

TF_2066 = "https://github.com/tensorflow/tensorflow/issues/2066 'segmentation fault when stride > ksize in conv2d'"
TORCH_9264 = "https://github.com/pytorch/pytorch/issues/9264 'Dilated Conv3d segfaults (cpu)'"
ORT_14392 = "https://github.com/microsoft/onnxruntime/issues/14392 'onnxruntime crashes when inputchannel is equal to 9 for Conv2d'"
ORT_11828 = (
    "https://github.com/microsoft/onnxruntime/issues/11828 'Mixing negative and positive paddings causes segfault ...'"
)
TORCH_1465 = (
    "https://github.com/pytorch/pytorch/pull/1465 'fix corner-case in MaxPooling': a window of -inf, data[-1] = value"
)
ORT_23116 = (
    "https://github.com/microsoft/onnxruntime/issues/23116 'FuseReluClip ...': a process ended in initialisation"
)
ORT_21418 = (
    "https://github.com/microsoft/onnxruntime/issues/21418 'InferenceSession.run sometimes get stuck, sometimes not'"
)
ORT_13285 = (
    "https://github.com/microsoft/onnxruntime/issues/13285: with the number of threads left to the runtime 'it hangs'"
)
LOOP = "a loop that looks for the first window inside and never passes one that lies in padding alone"


def segfault() -> None:
    """Reads through a null pointer."""
    ctypes.string_at(0)


def leave_quietly() -> None:
    """Ends the process as if all were well."""
    os._exit(0)


def hang() -> None:
    """Longer than any limit."""
    time.sleep(3600)


def where(condition: Callable[[Call], bool], end: Callable[[], None]) -> Before:
    """The end of a call that meets the condition."""

    def before(call: Call) -> None:
        if condition(call):
            end()

    return before


def steps_over(call: Call) -> bool:
    """A stride above the kernel."""
    a = call.attributes
    return any(s > k for s, k in zip(a.get("strides", []), a.get("kernel_shape", []), strict=False))


def dilated_volume(call: Call) -> bool:
    """Dilated in three axes."""
    return call.operands[0].ndim == 5 and any(d > 1 for d in call.attributes.get("dilations", []))


def odd_channels(call: Call) -> bool:
    """Channels that are more than a block of 4, and no multiple of it."""
    channels = call.operands[0].shape[1]
    return bool(channels > 4 and channels % 4)


def both_ways(call: Call) -> bool:
    """Reflected, with something to be removed as well."""
    amounts = call.attributes.get("pads", call.attributes.get("paddings", call.operands[1:2]))
    return call.attributes.get("mode") == "reflect" and bool((np.ravel(amounts) < 0).any())


def all_infinite(call: Call) -> bool:
    """An element of minus infinity, which a window may have alone."""
    x = call.operands[0]
    return x.dtype.kind != "i" and x.dtype.kind != "u" and bool((x == -np.inf).any())


def rounded_up(call: Call) -> bool:
    """Rounded up over padding at the end."""
    return bool(call.attributes.get("ceil_mode", 0)) and any(call.attributes.get("pads", []))


def several_images(call: Call) -> bool:
    """More images than one, in groups."""
    return len(call.operands[0]) > 1 and call.attributes.get("group", 1) > 1


def shrinks(call: Call) -> bool:
    """Antialiasing a reduction."""
    return bool(call.attributes.get("antialias", 0))


CRASH = {
    "segmentation fault where strides pass the kernel": Fault(
        ("conv",), where(steps_over, segfault), verdict="crash", source=TF_2066
    ),
    "segmentation fault of a dilated volume": Fault(
        ("conv", "max_pool"), where(dilated_volume, segfault), verdict="crash", source=TORCH_9264
    ),
    "abort at channels that fill no block": Fault(
        ("conv", "global_max_pool"), where(odd_channels, os.abort), verdict="crash", source=ORT_14392
    ),
    "segmentation fault of a reflection with removal": Fault(
        ("pad",), where(both_ways, segfault), verdict="crash", source=ORT_11828
    ),
    "abort at minus infinity": Fault(("max_pool",), where(all_infinite, os.abort), verdict="crash", source=TORCH_1465),
    "exit with status 0": Fault(("resize",), where(shrinks, leave_quietly), verdict="crash", source=ORT_23116),
}
HANG = {
    "hang where strides pass the kernel": Fault(
        ("average_pool",), where(steps_over, hang), verdict="timeout", source=LOOP
    ),
    "hang where a hanging window meets padding": Fault(
        ("max_pool",), where(rounded_up, hang), verdict="timeout", source=LOOP
    ),
    "deadlock over images and groups": Fault(
        ("conv",), where(several_images, hang), verdict="timeout", source=ORT_21418
    ),
    "hang at minus infinity": Fault(("relu",), where(all_infinite, hang), verdict="timeout", source=ORT_13285),
}
