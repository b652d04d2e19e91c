"""Gradients and sharpening of the attention map on a processor, compiled: each row of attention is
gone through while it is in the cache.

Sixteen numbers go through every operation at once, as LLVM vectors, with multiplication and
addition fused and sums in one order: the bytes depend neither on the width of a processor's
registers nor on how many threads run beside. What the functions compute, `attention_map` and
`row_blocks` say; on other devices `block_points` and torch compute the same.

This stands in one module because numba's cache of compiled functions, which lies beside the module
or in NUMBA_CACHE_DIR, is renewed when the file changes that a function is defined in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.extending import intrinsic, register_model
from numba.np.arrayobj import make_array

from attnviz.engine.compiled import compiled

WIDTH: Final = 16
_FLOATS: Final = ir.VectorType(ir.FloatType(), WIDTH)
_INTEGERS: Final = ir.VectorType(ir.IntType(32), WIDTH)


class LanesType(types.Type):
    """Sixteen float32."""

    def __init__(self) -> None:
        super().__init__("Lanes")


lanes: Final = LanesType()


@register_model(LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _FLOATS)


def within(function: Callable[..., Any]) -> Any:
    """A function whose lines stand in those that call it."""
    return njit(error_model="numpy", inline="always")(function)


def _place(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Where the sixteen numbers from an index of a contiguous array on lie."""
    array = make_array(signature.args[0])(context, builder, args[0])
    return builder.bitcast(builder.gep(array.data, [args[1]]), _FLOATS.as_pointer())


@intrinsic
def load(typing: Any, array: Any, index: Any) -> Any:
    """array[index : index + 16]."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_place(context, builder, signature, args), align=4)

    return lanes(array, types.intp), generate


@intrinsic
def store(typing: Any, array: Any, index: Any, value: Any) -> Any:
    """array[index : index + 16] = value."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _place(context, builder, signature, args), align=4)
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes), generate


@intrinsic
def splat(typing: Any, value: Any) -> Any:
    """The same number sixteen times."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        first = builder.insert_element(ir.Constant(_FLOATS, ir.Undefined), args[0], _index(0))
        return builder.shuffle_vector(
            first, ir.Constant(_FLOATS, ir.Undefined), ir.Constant(_INTEGERS, [0] * WIDTH)
        )

    return lanes(types.float32), generate


def _index(lane: int) -> Any:
    return ir.Constant(ir.IntType(32), lane)


def _call(builder: Any, name: str, *args: Any) -> Any:
    kind = ir.FunctionType(_FLOATS, [_FLOATS] * len(args))
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), args)


@intrinsic
def fma(typing: Any, a: Any, b: Any, c: Any) -> Any:
    """a · b + c, rounded once."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _call(builder, "llvm.fma.v16f32", *args)

    return lanes(lanes, lanes, lanes), generate


@intrinsic
def plus(typing: Any, a: Any, b: Any) -> Any:
    """a + b."""
    return lanes(lanes, lanes), lambda context, builder, signature, args: builder.fadd(*args)


@intrinsic
def minus(typing: Any, a: Any, b: Any) -> Any:
    """a − b."""
    return lanes(lanes, lanes), lambda context, builder, signature, args: builder.fsub(*args)


@intrinsic
def times(typing: Any, a: Any, b: Any) -> Any:
    """a · b."""
    return lanes(lanes, lanes), lambda context, builder, signature, args: builder.fmul(*args)


def _greater(builder: Any, a: Any, b: Any) -> Any:
    return builder.select(builder.fcmp_ordered(">", a, b), a, b)


@intrinsic
def greater(typing: Any, a: Any, b: Any) -> Any:
    """The greater of a and b."""
    return lanes(lanes, lanes), lambda context, builder, signature, args: _greater(builder, *args)


@intrinsic
def power_of_two(typing: Any, exponent: Any) -> Any:
    """2 to a whole number from −126 to 127."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        whole = builder.fptosi(args[0], _INTEGERS)
        biased = builder.add(whole, ir.Constant(_INTEGERS, [127] * WIDTH))
        return builder.bitcast(builder.shl(biased, ir.Constant(_INTEGERS, [23] * WIDTH)), _FLOATS)

    return lanes(lanes), generate


def _folded(builder: Any, value: Any, combine: Callable[[Any, Any, Any], Any]) -> Any:
    """One number of sixteen: halves combined until one is left."""
    width = WIDTH
    while width > 1:
        width //= 2
        half = [
            ir.Constant(ir.VectorType(ir.IntType(32), width), list(range(start, start + width)))
            for start in (0, width)
        ]
        low, high = (
            builder.shuffle_vector(value, ir.Constant(value.type, ir.Undefined), part)
            for part in half
        )
        value = combine(builder, low, high)
    return builder.extract_element(value, _index(0))


@intrinsic
def total(typing: Any, value: Any) -> Any:
    """The sum of sixteen numbers, by halves."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _folded(builder, args[0], lambda builder, a, b: builder.fadd(a, b))

    return types.float32(lanes), generate


@intrinsic
def peak(typing: Any, value: Any) -> Any:
    """The greatest of sixteen numbers."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _folded(builder, args[0], _greater)

    return types.float32(lanes), generate


f32: Final = np.float32
_LOG2_E: Final = f32(1.4426950408889634)
_LOG_2: Final = 0.6931471805599453
_NEVER: Final = f32(-1e9)
STEEPEST: Final = 64.0
_STEPS: Final = 40
"""Most steps towards a row's power; about six do."""
_CLOSE: Final = 1e-5
"""Bits that a sharpened row's entropy may be off by."""
_LEAST: Final = f32(-3e38)
_NARROWEST: Final = f32(1e25)
"""Most that σ counts as: rows of one key let it grow without end."""
_FAINT: Final = f32(1e-20)
_MAGIC: Final = f32(1.5 * 2**23)
"""Added and taken off, it rounds to the nearest whole number."""


@within
def exp2(x: Any) -> Any:
    """2 to the x ≤ 0, off by at most 3e-7 of itself; x below −126 counts as that."""
    x = greater(x, splat(f32(-126)))
    whole = minus(plus(x, splat(_MAGIC)), splat(_MAGIC))
    part = minus(x, whole)
    series = splat(f32(1.5403530393381606e-4))  # Taylor's, of 2^part with |part| ≤ 1/2
    series = fma(series, part, splat(f32(1.3333558146428443e-3)))
    series = fma(series, part, splat(f32(9.618129107628477e-3)))
    series = fma(series, part, splat(f32(5.550410866482158e-2)))
    series = fma(series, part, splat(f32(0.2402265069591007)))
    series = fma(series, part, splat(f32(0.6931471805599453)))
    series = fma(series, part, splat(f32(1)))
    return times(series, power_of_two(whole))


@compiled
def add_gradients(
    blocks: Any, first: int, last: int, scale: Any, positions: Any, gradients: Any
) -> None:
    """Add the gradients of blocks `first` to `last` to those of queries, keys and log σ.

    `blocks` are queries, keys, target, weight, offset and forbidden as `Blocks` has them, the last
    two without entries where there are none; `positions` x and y (heads, size, points) and σ
    (heads, points); `gradients` the same of these; scale (heads,) is what a unit of a row's weight
    counts.
    """
    queries, keys, target, weight, offset, forbidden = blocks
    x, y, sigma = positions
    of_x, of_y, of_width = gradients
    size, (_, heads, rows, count) = x.shape[1], target.shape
    room = (count + WIDTH - 1) // WIDTH * WIDTH
    targets = target.reshape(-1)
    near = np.zeros((size, room), np.float32)  # of keys: y
    pull = np.zeros((size + 1, room), np.float32)  # Σ w G [2σx; −σ]
    added = np.full(room, _NEVER)  # keys' offsets, in units of log 2; filling is never attended to
    visible = added.copy()  # the same of one row, under its mask
    row = np.zeros((3, room), np.float32)  # ‖x − y‖², p, t
    query, sums = np.zeros(3, np.float32), np.zeros(4, np.float32)
    for block in range(first, last):
        for head in range(heads):
            at = keys[block, head % keys.shape[1]]
            pull[:] = 0
            for j in range(count):
                for d in range(size):
                    near[d, j] = y[head, d, at[j]]
                added[j] = f32(0)
                if offset.size:
                    added[j] = offset[block, head % offset.shape[1], 0, j] * _LOG2_E
                visible[j] = added[j]
            for i in range(rows):
                counts = weight[block, head, i] * scale[head]
                if counts == 0:
                    continue
                point = queries[block, i]
                width = min(sigma[head, point], _NARROWEST)
                for d in range(size):
                    query[d] = x[head, d, point]
                for j in range(count if forbidden.size else 0):
                    never = forbidden[block, head % forbidden.shape[1], i, j]
                    visible[j] = _NEVER if never else added[j]
                mass = _powers(row, near, visible, query, -width * _LOG2_E)
                place = ((block * heads + head) * rows + i) * count
                if room == count:
                    _add_row(row, mass, targets, place, near, pull, query, width, counts, sums)
                else:  # sixteen at once would read on into the next row
                    for j in range(count):
                        row[2, j] = targets[place + j]
                    _add_row(row, mass, row, 2 * room, near, pull, query, width, counts, sums)
                for d in range(size):
                    of_x[head, d, point] += f32(2) * width * counts * sums[d]
                of_width[head, point] -= counts * width * sums[3]
            for j in range(count):
                for d in range(size):
                    of_y[head, d, at[j]] += pull[d, j] + f32(2) * pull[size, j] * near[d, j]


@within
def _powers(row: Any, near: Any, added: Any, query: Any, scale: Any) -> Any:
    """Fill a row's ‖x − y‖² and p, but for its sum, which is returned."""
    size, room = near.shape
    x0, x1, x2 = splat(query[0]), splat(query[1]), splat(query[2])
    factor, mass, greatest = splat(scale), splat(f32(0)), splat(_LEAST)
    for j in range(0, room, WIDTH):
        apart = minus(x0, load(near, j))
        squared = times(apart, apart)
        apart = minus(x1, load(near, room + j))
        squared = fma(apart, apart, squared)
        if size == 3:
            apart = minus(x2, load(near, 2 * room + j))
            squared = fma(apart, apart, squared)
        store(row, j, squared)
        logit = plus(times(factor, squared), load(added, j))
        greatest = greater(greatest, logit)
        e = exp2(logit)
        store(row, room + j, e)
        mass = plus(mass, e)
    if total(mass) < _FAINT:  # no key is near: logits are taken from the greatest
        most, mass = splat(peak(greatest)), splat(f32(0))
        for j in range(0, room, WIDTH):
            logit = plus(times(factor, load(row, j)), load(added, j))
            e = exp2(minus(logit, most))
            store(row, room + j, e)
            mass = plus(mass, e)
    return total(mass)


@within
def _add_row(
    row: Any, mass: Any, targets: Any, place: int,
    near: Any, pull: Any, query: Any, width: Any, counts: Any, sums: Any,
) -> None:  # fmt: skip
    """Of a row with these p, but for their sum, and targets add w G [2σx; −σ] to `pull`, and fill
    `sums` with Σ G y and, last, Σ G ‖x − y‖². G = p − t."""
    size, room = near.shape
    part, doubled = splat(f32(1) / mass), f32(2) * width * counts
    first, second = splat(doubled * query[0]), splat(doubled * query[1])
    third, fourth = splat(doubled * query[2]), splat(-counts * width)
    of_first = of_second = of_third = of_last = splat(f32(0))
    for j in range(0, room, WIDTH):
        g = minus(times(load(row, room + j), part), load(targets, place + j))
        of_first = fma(g, load(near, j), of_first)
        of_second = fma(g, load(near, room + j), of_second)
        of_last = fma(g, load(row, j), of_last)
        store(pull, j, fma(first, g, load(pull, j)))
        store(pull, room + j, fma(second, g, load(pull, room + j)))
        store(pull, size * room + j, fma(fourth, g, load(pull, size * room + j)))
        if size == 3:
            of_third = fma(g, load(near, 2 * room + j), of_third)
            store(pull, 2 * room + j, fma(third, g, load(pull, 2 * room + j)))
    sums[0], sums[1], sums[2] = total(of_first), total(of_second), total(of_third)
    sums[3] = total(of_last)


@compiled
def sharpen(logs: Any, weight: Any, limit: float) -> None:
    """Raise rows to the smallest power β ≥ 1, of at most 64, at which their entropy is at most
    `limit` bits.

    logs (rows, keys) are the rows' logarithms to base 2 and become the raised rows; those of no
    weight (rows,) become 0. The entropy falls as the power grows: Newton's steps, and halvings of
    the bracket where one would leave it.
    """
    count = logs.shape[1]
    room = (count + WIDTH - 1) // WIDTH * WIDTH
    row, moments = np.zeros(room, np.float32), np.zeros(3, np.float64)
    for i in range(len(logs)):
        if weight[i] == 0:
            logs[i] = 0
            continue
        most = logs[i].max()
        for j in range(room):
            row[j] = logs[i, j] - most if j < count else _NEVER
        power, low, high = 1.0, 1.0, STEEPEST
        for _ in range(_STEPS):
            _moments(row, f32(power), moments)
            mass, mean = moments[0], moments[1] / moments[0]
            excess = np.log2(mass) - power * mean - limit
            if abs(excess) <= _CLOSE or (power == 1 and excess < 0) or high - low < 1e-4:
                break
            low, high = (power, high) if excess > 0 else (low, power)
            slope = -_LOG_2 * power * (moments[2] / mass - mean * mean)
            step = power - excess / slope
            power = step if low < step < high else np.sqrt(low * high)
        scale, sums = splat(f32(power)), splat(f32(0))
        for j in range(0, room, WIDTH):
            e = exp2(times(scale, load(row, j)))
            store(row, j, e)
            sums = plus(sums, e)
        part = f32(1) / total(sums)
        for j in range(count):
            logs[i, j] = row[j] * part


@within
def _moments(row: Any, power: Any, moments: Any) -> None:
    """Fill `moments` with Σ e, Σ e l and Σ e l², where e = 2 to the power times l."""
    scale, mass = splat(power), splat(f32(0))
    first, second = mass, mass
    for j in range(0, len(row), WIDTH):
        logarithm = load(row, j)
        e = exp2(times(scale, logarithm))
        weighted = times(e, logarithm)
        mass, first = plus(mass, e), plus(first, weighted)
        second = fma(weighted, logarithm, second)
    moments[0], moments[1], moments[2] = total(mass), total(first), total(second)


@compiled
def adam(value: Any, mean: Any, square: Any, gradient: Any, numbers: Any) -> None:
    """A step of Adam in place, on arrays of one dimension: both decays, the step's size, what the
    squares are short of, and what keeps from dividing by 0."""
    first, second, size, spread, tiny = numbers
    fresh, fresh_square = f32(1 - first), f32(1 - second)
    old, old_square = f32(first), f32(second)
    size, spread, tiny = f32(size), f32(spread), f32(tiny)
    for i in range(len(value)):
        mean[i] = old * mean[i] + fresh * gradient[i]
        square[i] = old_square * square[i] + fresh_square * (gradient[i] * gradient[i])
        value[i] -= size * (mean[i] / (np.sqrt(square[i] / spread) + tiny))


@compiled
def count_less(values: Any, limits: Any) -> Any:
    """How many values of each row, (rows, n), are less than each of the row's limits, (rows, k):
    int64 (rows, k)."""
    counts = np.zeros(limits.shape, np.int64)
    for i in range(len(limits)):
        row = values[i]
        for at in range(limits.shape[1]):
            limit, count = limits[i, at], np.int32(0)  # so wide that twice as many fit a register
            for j in range(len(row)):
                count = np.int32(count + np.int32(row[j] < limit))
            counts[i, at] = count
    return counts
