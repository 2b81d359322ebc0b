"""Results and sums in tiles: what hangs over the last one, the seam between two, tiles where none fits."""

from __future__ import annotations

from math import prod

import numpy as np

from tests.fakes.executor import Call, Tensor
from tests.fakes.fake import After, Before
from tests.fakes.faults.blocks import FILTERS, POOLS
from tests.fakes.faults.changes import of_filters, on_y
from tests.fakes.faults.fault import SHAPE, Fault

WINCNN = "https://github.com/andravin/wincnn/issues/17 'Number of tiles per channel': ceil(H/m), where (W - t)/s + 1 is one less"
WINOGRAD_1 = "https://github.com/adam-dziedzic/winograd/issues/1 'the result is wrong when input H/W is larger than 6'"
TVM_4276 = "https://github.com/apache/tvm/pull/4276 'Fix Winograd Kernel Size Support'"
GEMM = "blocked products of matrices (Goto & van de Geijn 2008): panels of rows, of columns and of products, each with its rest"


def is_winograd(call: Call) -> bool:
    """A kernel of 3, in steps of 1."""
    a = call.attributes
    kernel = call.operands[1].shape[2:] if len(call.operands) > 1 else ()
    is_plain = not {*a.get("strides", [1]), *a.get("dilations", [1])} - {1}
    return len(kernel) > 1 and set(kernel) == {3} and is_plain


def edge_lost(tile: int, axis: int) -> After:
    """Of a convolution by 3 in steps of 1: what is past the last whole tile along one axis."""

    def after(call: Call, results: list[Tensor]) -> list[Tensor]:
        y = np.moveaxis(results[0].copy(), axis, -1)
        n = y.shape[-1]
        if is_winograd(call) and n > tile:
            y[..., n - n % tile :] = 0
        return [np.moveaxis(y, -1, axis)]

    return after


def tiles_overlap(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Tiles of 4 that begin every 2: each begins with the end of the one before."""
    y = results[0]
    if not is_winograd(call):
        return results
    at = np.arange(y.shape[-1])
    return [np.ascontiguousarray(y[..., at // 4 * 2 + at % 4])]


def not_dilated(call: Call) -> None:
    """Winograd's way is taken though the kernel of 3 is dilated."""
    if call.operands[1].shape[2:] == (3, 3) and not set(call.attributes.get("strides", [1])) - {1}:
        call.attributes.pop("dilations", None)


def not_strided(call: Call) -> None:
    """Winograd's way is taken though the kernel of 3 moves in steps of 2."""
    if call.operands[1].shape[2:] == (3, 3) and set(call.attributes.get("strides", [])) == {2}:
        call.attributes.pop("strides")


def odd_tap_lost(call: Call) -> None:
    """A kernel of 5 is cut to the 3 that the transformation is for."""
    w = call.operands[1]
    if 5 in w.shape[2:]:
        w = w.copy()
        for axis in (axis for axis, k in enumerate(w.shape) if axis > 1 and k == 5):
            np.moveaxis(w, axis, 0)[3:] = 0
        call.operands[1] = w


def rows_lost(panel: int) -> After:
    """Places of the result as rows of a matrix: those past the last whole panel."""

    def change(y: Tensor) -> Tensor:
        count = len(y) * prod(y.shape[2:])
        if count <= panel:
            return y
        rows = np.moveaxis(y, 1, -1).copy()
        rows.reshape(count, -1)[count - count % panel :] = 0
        return np.moveaxis(rows, -1, 1)

    return on_y(change)


def panel_lost(panel: int) -> Before:
    """A sum of more products than a panel holds forgets the first of them: it begins anew with each panel."""

    def before(call: Call) -> None:
        w = call.operands[1]
        rows = w.reshape(len(w), -1).copy()
        rows[:, : (rows.shape[1] - 1) // panel * panel] = 0
        call.operands[1] = rows.reshape(w.shape)

    return before


def seam(tile: int) -> After:
    """The first row of each tile but the first is the last one of the tile before."""

    def change(y: Tensor) -> Tensor:
        rows = np.moveaxis(y.copy(), 2, 0)
        rows[tile::tile] = rows[tile - 1 : -1 : tile]
        return np.moveaxis(rows, 0, 2)

    return on_y(change)


def batch_tail(call: Call, results: list[Tensor]) -> list[Tensor]:
    """Images are done two by two; of an odd number the last one is left out."""
    y = results[0].copy()
    if len(y) > 1 and len(y) % 2:
        y[-1] = 0
    return [y, *results[1:]]


FAULTS = {
    f"Winograd's tile of {tile} cut at the {side}": Fault(("conv",), after=edge_lost(tile, axis), source=WINCNN)
    for tile in (2, 4, 6)
    for side, axis in (("bottom", -2), ("right", -1))
}
FAULTS |= {
    "Winograd's tiles overlap": Fault(("conv",), after=tiles_overlap, source=WINOGRAD_1),
    "Winograd's way though dilated": Fault(("conv",), not_dilated, message=SHAPE, source=TVM_4276),
    "Winograd's way though strided": Fault(("conv",), not_strided, message=SHAPE, source=TVM_4276),
    "a kernel of 5 cut to 3": Fault(("conv", "conv_transpose"), odd_tap_lost, source=TVM_4276),
    "rows past a panel of 6 lost": Fault(("conv", "conv_transpose", "pad_conv"), after=rows_lost(6), source=GEMM),
    "rows past a panel of 12 lost": Fault(("conv", "conv_transpose", "pad_conv"), after=rows_lost(12), source=GEMM),
    "a sum begins anew after 32 products": Fault(
        ("conv", "pad_conv", "sub_pixel"), of_filters(panel_lost(32)), source=GEMM
    ),
    "a sum begins anew after 64 products": Fault(("conv", "pad_conv"), of_filters(panel_lost(64)), source=GEMM),
    "a sum begins anew after 128 products": Fault(("conv",), panel_lost(128), source=GEMM),
    "a sum begins anew after 256 products": Fault(("conv",), panel_lost(256), source=GEMM),
    "a sum begins anew after 384 products": Fault(("conv",), panel_lost(384), source=GEMM),
    "seam between tiles of 4 rows": Fault((*FILTERS, *POOLS), after=seam(4), source=WINOGRAD_1),
    "seam between tiles of 6 rows": Fault(FILTERS, after=seam(6), source=WINOGRAD_1),
    "seam between tiles of 2 rows": Fault((*FILTERS, *POOLS), after=seam(2), source=WINOGRAD_1),
    "last of an odd number of images lost": Fault((*FILTERS, *POOLS), after=batch_tail, source=GEMM),
}
