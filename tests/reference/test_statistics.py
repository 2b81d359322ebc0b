"""The errors of many sums together: what is proved, the limits' false alarms, and 100,000 correct convolutions."""

from __future__ import annotations

from math import floor, log2, sqrt
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from graphs.data import operands
from graphs.grid import Case
from graphs.probes import CARRIERS
from graphs.statistics import FEW, PAIR, STATISTICS, TOGETHER
from reference.claim import FLOAT32, NATIVE, Claim, Precision
from reference.statistics import LEAST, SIGNIFICANCE, bias, deviations, errors, spread
from tests.reference.orders import LOOKING, SUMS, WINOGRAD, Sum, correlated, winograd

BITS = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}
TYPES = {name: np.dtype(getattr(ml_dtypes, name, name)) for name in BITS}
DUE = [(dtype, n) for dtype, lengths in TOGETHER["mirrored"].items() for n in lengths]
T = 1024


def around_three(terms: int, dtype: str, draw: np.random.Generator, size: int = T) -> tuple[Any, Any]:
    """3 + t and a weight, as the data set `mirrored` has them: (terms, sums) and (terms, 1)."""
    step, carriers = BITS[dtype] - 2, terms if terms in (PAIR, *FEW) else CARRIERS
    reach = (1 << step) // (2 * carriers)
    common, own = reach // 2, reach - reach // 2
    t = draw.integers(-common, common + 1, size) + draw.integers(-own, own + 1, (terms, size)).astype(np.float64)
    t[draw.permutation(terms)[carriers:]] = 0
    return 3 + t * 2.0**-step, np.full((terms, 1), 2.0 ** draw.integers(-3, 4))


def on_the_grid(terms: int, draw: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """As the data set `signed`: (terms, sums) and (terms, 1)."""
    x, w = (draw.integers(-(2**19) + 1, 2**19, (terms, size)) * 2.0**-19 for size in (T, 1))
    return x.astype(np.float32), w.astype(np.float32)


def deviated(dtype: str, terms: int) -> NDArray[np.float64]:
    """How far from 3 k any tree of k = 0, 1, ... terms can be, where each sum is rounded to the type or not at all.

    Of more terms than carry a t: their t in all, and half a last place for each addition.
    """
    bits, carriers = BITS[dtype], terms if terms in (PAIR, *FEW) else CARRIERS
    step = bits - 2
    tau = ((1 << step) // (2 * carriers)) * 2.0**-step
    assert tau > 0
    found = np.zeros(terms + 1)
    found[1] = tau
    for k in range(2, terms + 1):
        most = (found[1:k] + found[k - 1 : 0 : -1]).max()
        last_place = 2.0 ** (floor(log2(3 * k)) + 1 - bits)
        rounded = np.rint(most / last_place) * last_place
        found[k] = max(most, rounded) if k <= carriers else carriers * tau + (k - 1) * last_place / 2
    return found


@pytest.mark.parametrize(("dtype", "terms"), DUE)
def test_no_partial_sum_of_mirrored_data_leaves_its_binade(dtype: str, terms: int) -> None:
    """And 3 k is an even multiple of the last place, so that ties go to even alike above and below it."""
    deviation = deviated(dtype, terms)
    for k in range(1, terms + 1):
        below = floor(log2(3 * k))
        assert deviation[k] <= min(3 * k - 2.0**below, 2.0 ** (below + 1) - 3 * k), k
        assert (3 * k / 2.0 ** (below + 2 - BITS[dtype])).is_integer()


@pytest.mark.parametrize(("dtype", "terms"), [(d, n) for d, n in DUE if n < 2304])
@pytest.mark.parametrize("how", SUMS)
def test_mirrored_data_have_opposite_errors(how: str, dtype: str, terms: int) -> None:
    """The theorem: 3 - t errs by the negative of what 3 + t does, in every order that does not look at the data."""
    draw = np.random.default_rng(terms)
    x, w = around_three(terms, dtype, draw, 64)
    found = []
    for each in (x, 6 - x):
        got = SUMS[how](each.astype(TYPES[dtype]), w.astype(TYPES[dtype]), np.random.default_rng(1))
        whole = 3 * terms * w[0]
        found.append((got.astype(np.float64) - whole) - ((each - 3) * w).sum(axis=0))
    assert (found[0] == -found[1]).all()
    assert dtype != "float32" or found[0].any()


@pytest.mark.parametrize("how", WINOGRAD)
def test_fast_algorithms_err_by_the_opposite_for_the_opposite_image(how: str) -> None:
    """Rounding to nearest is odd, whatever the order."""
    draw = np.random.default_rng(0)
    x, w = images(how, 3, draw)
    assert (winograd(-x, w, WINOGRAD[how]) == -winograd(x, w, WINOGRAD[how])).all()


def test_the_limit_of_the_bias_is_above_the_exact_tail() -> None:
    """Of signs alone, the worst case, the sum is binomial."""
    for units in (LEAST, T, 10**6):
        value, limit = bias(np.ones(units))
        assert value == pytest.approx(sqrt(units))
        heads = floor((units - limit * sqrt(units)) / 2)  # |sum| > limit sqrt(units)
        assert SIGNIFICANCE / 100 < 2 * stats.binom.cdf(heads, units, 0.5) <= SIGNIFICANCE
    assert bias(np.array([1.0, -1.0]))[0] == bias(np.zeros(3))[0] == 0


def test_the_limit_of_the_spread_is_above_the_exact_tail() -> None:
    """Of normal errors, the worst case, the sum of squares is chi-squared."""
    for units in (LEAST, T, 10**6):
        value, limit = spread(np.full(units, 4.0))
        assert value == 2
        assert SIGNIFICANCE / 1000 < stats.chi2.sf(units * limit**2, units) <= SIGNIFICANCE


def test_no_partial_sum_is_above_half_of_s_and_y() -> None:
    """All subsets of a few terms; the largest is met."""
    draw = np.random.default_rng(3)
    for _ in range(50):
        x, w = draw.integers(-9, 10, (1, 7, 1, 1)) / 4, draw.integers(-3, 4, (1, 7, 1, 1)) / 2
        r = (x * w).reshape(-1)
        subsets = (np.arange(1 << 7)[:, None] >> np.arange(7) & 1) @ r
        most = np.abs(subsets).max()
        u = 2.0**-200  # its square is what underflows last
        found = deviations(r.sum().reshape(1, 1, 1, 1), x, w, Precision("", 0, u, u))[0, 0, 0, 0]
        assert found / u == pytest.approx(sqrt(6 * most**2 + (r**2).sum()))


def test_a_narrower_result_is_one_rounding_more() -> None:
    x, w = np.full((1, 2, 1, 1), 3.0), np.ones((1, 2, 1, 1))
    found = deviations(np.full((1, 1, 1, 1), 6.0), x, w, Precision("", 0, 2.0**-60, 2.0**-8))
    assert found[0, 0, 0, 0] == pytest.approx(6 * 2.0**-8)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_errors_are_exact(dtype: str) -> None:
    """A float64 sum in another order errs by a last place, and its error is told; of data of all bits it is not."""
    from fractions import Fraction

    case = Case(STATISTICS["statistics-conv-9-mirrored" + ("" if dtype == "float32" else "-float64")][0], "mirrored")
    found = operands(case.spec, case.data, case.id)
    x, w = found["x"][:2], found["w"]
    got = np.einsum("ncijkl,mckl->nmij", np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3)), w)
    value = got.astype(np.float64)
    told = errors(got, value if dtype == "float64" else correlated_all(x, w), x, w, kernel_shape=(3, 3))
    assert told is not None
    for at in np.ndindex(got.shape):
        n, m, i, j = at
        window = x[n, :, i : i + 3, j : j + 3].reshape(-1)
        exact = sum(Fraction(float(a)) * Fraction(float(b)) for a, b in zip(window, w[m].reshape(-1), strict=True))
        assert Fraction(float(told[at])) == Fraction(float(got[at])) - exact
    rough = np.random.default_rng(0).random((1, 1, 3, 3))
    assert errors(rough[:, :, :1, :1], rough[:, :, :1, :1], rough, rough) is None


def correlated_all(x: Any, w: Any) -> NDArray[np.float64]:
    """Every filter, in float64."""
    return np.stack([correlated(x, each) for each in w], axis=1)


def images(how: str, channels: int, draw: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Images of one tile each, and a filter."""
    side = {"F(2x2,3x3)": 4, "F(4x4,3x3)": 6}[how]
    x = draw.integers(-(2**19) + 1, 2**19, (T, channels, side, side)) * 2.0**-19
    w = draw.integers(-(2**19) + 1, 2**19, (channels, 3, 3)) * 2.0**-19
    return x.astype(np.float32), w.astype(np.float32)


def of_mirrored(how: Sum, terms: int, draw: np.random.Generator) -> list[float]:
    """The bias of 1,024 sums outward, over its limit."""
    x, w = around_three(terms, "float32", draw)
    got = how(x.astype(np.float32), w.astype(np.float32), draw)
    value, limit = bias((got - 3 * terms * w[0]) - ((x - 3) * w).sum(axis=0))
    return [abs(value) / limit]


def of_signed(how: Sum, terms: int, draw: np.random.Generator) -> list[float]:
    """The bias of 1,024 sums, and their spread, over their limits."""
    x, w = on_the_grid(terms, draw)
    left, right = x.T.astype(np.float64).reshape(T, terms, 1, 1), w.T.astype(np.float64).reshape(1, terms, 1, 1)
    y = np.tensordot(w[:, 0].astype(np.float64), x.astype(np.float64), 1)
    error = how(x, w, draw) - y
    allowed = deviations(y.reshape(T, 1, 1, 1), left, right, FLOAT32)
    found = (bias(error), spread((error / allowed.reshape(-1)) ** 2))
    return [abs(value) / limit for value, limit in found]


def of_winograd(how: str, channels: int, draw: np.random.Generator) -> list[float]:
    """The bias of 1,024 images, over its limit."""
    x, w = images(how, channels, draw)
    value, limit = bias((winograd(x, w, WINOGRAD[how]) - correlated(x, w)).sum(axis=(1, 2)))
    return [abs(value) / limit]


def largest(runs: int, terms: int, seed: int) -> dict[str, float]:
    """The largest statistic over its limit of so many correct convolutions in each way, of 1,024 sums or images."""
    draw = np.random.default_rng(seed)
    found: dict[str, float] = {}
    for _ in range(runs):
        for name, how in {**SUMS, **LOOKING}.items():
            for data in (of_mirrored, of_signed):
                found[name] = max(found.get(name, 0), *data(how, terms, draw))
        for name in WINOGRAD if terms <= 27 else ():
            found[name] = max(found.get(name, 0), *of_winograd(name, terms // 9, draw))
    return found


WAYS = 2 * (len(SUMS) + len(LOOKING))


@pytest.mark.parametrize(("terms", "runs"), [(9, 40), (27, 20), (576, 1)])
def test_no_false_alarm(terms: int, runs: int) -> None:
    """A thousand correct convolutions; sums of nine come near no limit."""
    found = largest(runs, terms, terms)
    assert max(found.values()) < 1, found
    assert min(found.values()) > 0  # each way rounds


# 100,000 convolutions: 18 a round of the first two, 16 of the others.
ROUNDS = {9: 4600, 27: 900, 576: 70, 2304: 7}


@pytest.mark.long
@pytest.mark.parametrize("terms", ROUNDS)
def test_no_false_alarm_in_100_000_convolutions(terms: int) -> None:
    each = {n: WAYS + (len(WINOGRAD) if n <= 27 else 0) for n in ROUNDS}
    assert sum(rounds * each[n] for n, rounds in ROUNDS.items()) >= 100_000
    found = largest(ROUNDS[terms], terms, 7 * terms)
    assert max(found.values()) < 1, found


def test_claims_that_round_to_nearest_say_so() -> None:
    """Truncation is inside a claim of tensor cores, whose accumulator has a unit roundoff of 2^-23."""
    nearest = {name for name, precision in NATIVE.items() if precision.nearest}
    assert nearest == {"float64", "float32", "float16", "bfloat16"}
    assert all(Claim().at(name).u_in == 0 and Claim().at(name).u_acc == 2.0 ** -BITS[name] for name in nearest)
