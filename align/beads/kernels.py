"""Machine code for what grids spend their time on: products of listed rows, scores of beads, the walk through the band.

Each has a plain NumPy twin here, in `features` or in `path`, which is the reference, and serves where nothing can be
compiled.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from ..compiled import INTEGER, POINTER, Code, functions, processor, single

LANES = 16
"""Columns that are scored at once."""
# Rows of either array whose products are summed at once, in registers.
_TALL, _WIDE = 2, 4
_F, _D = f"<{LANES} x float>", f"<{LANES} x double>"
_DECLARED = f"""
declare {_F} @llvm.fmuladd.v{LANES}f32({_F}, {_F}, {_F})
declare float @llvm.fmuladd.f32(float, float, float)
declare {_F} @llvm.masked.load.v{LANES}f32.p0(ptr, i32, <{LANES} x i1>, {_F})
declare {_D} @llvm.masked.load.v{LANES}f64.p0(ptr, i32, <{LANES} x i1>, {_D})
declare void @llvm.masked.store.v{LANES}f64.p0({_D}, ptr, i32, <{LANES} x i1>)
declare void @llvm.masked.store.v{LANES}f32.p0({_F}, ptr, i32, <{LANES} x i1>)
declare void @llvm.masked.store.v{LANES}i16.p0(<{LANES} x i16>, ptr, i32, <{LANES} x i1>)
declare {_F} @llvm.sqrt.v{LANES}f32({_F})
declare {_F} @llvm.fabs.v{LANES}f32({_F})
declare float @llvm.vector.reduce.fadd.v{LANES}f32(float, {_F})
"""
_NEVER = "0xFFF0000000000000"  # minus infinity
ALONE_FIRST, ALONE_SECOND = -1, -2
NOWHERE = -(1 << 40)
"""The place in a table of what is not there."""
WEIGHTS = ("ratio", "ratio2", "surprise", "ingain", "outgain", "link", "cross", "edgemin", "spread")
"""Features that are worked out bead by bead in machine code."""

# products(x, ix, y, iy)[p, a, l] = x[ix[p, a]] . y[iy[p, l]]
Products = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def products(x: np.ndarray, ix: np.ndarray, y: np.ndarray, iy: np.ndarray) -> np.ndarray:
    """For each p the products of the rows `ix[p]` of `x` with the rows `iy[p]` of `y`; shape (p, a, l). Where one of
    the two is -1 the result may be any number."""
    return x[ix] @ y[iy].transpose(0, 2, 1)


@dataclass(frozen=True, slots=True)
class Tables:
    """What the scores of a block of R rows and W columns of corners are made of, for beads of up to N and M segments.

    float32 unless it says otherwise, and contiguous. In `seconds`, `similarities` and every table of the grid some more
    values may be read before the first and behind the last than belong to beads, whatever they are: see `roomy`.
    """

    similarities: np.ndarray
    """Of beads, in any order in which columns of corners follow each other."""
    places: np.ndarray
    """Where the beads of a + 1 segments and one that end at row r's first column stand in `similarities`: those that end
    in row r, those that end in the row above it, and in the row below it; int64, shape (R, 3, N), NOWHERE where there is none."""
    across: int
    """How far on in `similarities` beads of one segment more on the second side stand."""
    firsts: np.ndarray
    """Of the first side's part of beads: length brought to the second side's, its logarithm, links that touch it; shape
    (R, N, 3); length 0 where there is none."""
    seconds: np.ndarray
    """The same of the second side's part; and whether `similarities` has beads of one segment more on that side, with the
    next segment or the one before, 1 or 0; shape (R or 1, M, 5, W)."""
    begins: np.ndarray
    """Where (row i - a - 1, column j) stands in `begin` and `least_begin`, j being row r's first column; int64, (R, N)."""
    ends: np.ndarray
    """Where (row i - 1, column j - 1) stands in `least_end`; int64, shape (R,)."""
    least_begin: np.ndarray
    least_end: np.ndarray
    """What segments that begin and end a bead are worth by the lesser of their margins, by segments, flat."""
    links: np.ndarray
    """Sums of links above and left of each corner, flat."""
    linked: np.ndarray
    """Where corner (i, j) and then each (i - a - 1, j) stands in `links`; int64, shape (R, N + 1)."""


def roomy(*shape: int) -> np.ndarray:
    """A new float32 array before and behind which more may be read, as Tables says."""
    size = math.prod(shape)
    return np.empty(size + 3 * LANES, np.float32)[LANES:LANES + size].reshape(shape)


@cache
def machine() -> "Machine | None":
    """The compiled functions; None where nothing can be compiled."""
    try:
        return Machine() if processor() else None
    except RuntimeError:
        return None


class Machine:
    """`products`, scores and the walk through a block of rows, compiled; calls let other threads run."""

    def __init__(self) -> None:
        text = [_DECLARED, _products("tiles", _TALL, _WIDE), _products("pairs", 1, 1), _scores(), _halves(), _walk(), _forward(),
                _backward()]
        (self._tiles, self._pairs, self._scores, self._halves, self._walk, self._forward, self._backward
         ), self._engine = functions(
            "\n".join(text),
            {"tiles": (POINTER, POINTER, INTEGER, POINTER, POINTER, INTEGER, INTEGER, INTEGER, POINTER),
             "pairs": (POINTER, POINTER, INTEGER, POINTER, POINTER, INTEGER, INTEGER, INTEGER, POINTER),
             "scores": (*[INTEGER] * 6, *[POINTER] * 15),
             "halves": (*[INTEGER] * 2, *[POINTER] * 9),
             "walk": (*[POINTER] * 2, *[INTEGER] * 5, *[POINTER] * 4, POINTER, *[INTEGER] * 3, *[POINTER] * 2),
             "forward": (*[POINTER] * 2, *[INTEGER] * 5, *[POINTER] * 6),
             "backward": (*[POINTER] * 2, *[INTEGER] * 5, *[POINTER] * 9)})

    def products(self, x: np.ndarray, ix: np.ndarray, y: np.ndarray, iy: np.ndarray) -> np.ndarray:
        """See the function of this name; `x` and `y` are contiguous float32 of one depth."""
        (groups, tall), wide = ix.shape, iy.shape[1]
        x, y = (np.ascontiguousarray(rows, np.float32) for rows in (x, y))
        ix, iy = (np.ascontiguousarray(at, np.int64) for at in (ix, iy))
        out = np.empty((groups, tall, wide), np.float32)
        run = self._pairs if tall == 1 else self._tiles
        run(x.ctypes.data, ix.ctypes.data, tall, y.ctypes.data, iy.ctypes.data, wide, groups, x.shape[1],
            out.ctypes.data)
        return out

    def scores(self, tables: Tables, width: int, weights: np.ndarray, sizes: np.ndarray, corners: np.ndarray,
               begin: np.ndarray) -> np.ndarray:
        """Scores of the beads of a block of rows, shape (R, N, M, width), -inf where there is none.

        `weights` are those of WEIGHTS, and then 1 / the usual square of a difference of lengths; `sizes` holds what a
        bead's numbers of segments are worth, and what each bit of similarity is worth for them, (N, M, 2); `corners` what
        its end is, (R, width and up to LANES more); `begin` what its first segments are, laid out as
        `tables.least_begin`.
        """
        (rows, n, _), m = tables.firsts.shape, len(tables.seconds[0])
        chunks = -(-width // LANES)
        out = np.empty((rows, n, m, chunks * LANES), np.float32)
        stride = tables.seconds[0].size if len(tables.seconds) > 1 else 0
        given = (tables.similarities, tables.places, tables.firsts, tables.seconds, tables.begins, tables.ends,
                 tables.least_begin, tables.least_end, tables.links, tables.linked, weights, sizes, corners, begin, out)
        self._scores(rows, n, m, chunks, tables.across, stride, *(array.ctypes.data for array in given))
        return out[..., :width]

    def halves(self, x: np.ndarray, ix: np.ndarray, x_less: np.ndarray, x_scale: np.ndarray, y: np.ndarray, iy: np.ndarray,
               y_less: np.ndarray, y_scale: np.ndarray) -> np.ndarray:
        """(x[i].y[j] - x_less[i] - y_less[j]) x_scale[i] y_scale[j] for the pairs i, j of `ix`, `iy`, int64 of one shape; `x`
        is float16, all others are float32 and contiguous."""
        ix, iy = (np.ascontiguousarray(at) for at in np.broadcast_arrays(ix, iy))
        out = np.empty(ix.shape, np.float32)
        self._halves(ix.size, x.shape[-1], *(array.ctypes.data for array in (x, ix, x_less, x_scale, y, iy, y_less, y_scale, out)))
        return out

    def walk(self, scores: np.ndarray, starts: np.ndarray, first: int, low: np.ndarray, high: np.ndarray,
             alone: np.ndarray, skipped: np.ndarray, ring: np.ndarray, reach: int, steps: np.ndarray,
             offsets: np.ndarray) -> None:
        """Take the rows from `first` on: see `path`, whose arrays these are."""
        rows, n, m, _ = scores.shape
        if scores.dtype != np.float32 or scores.strides != tuple(scores.strides[2] * k for k in (n * m, m, 1)) + (4,):
            scores = np.ascontiguousarray(scores, np.float32)
        width = scores.strides[2] // scores.itemsize
        starts = np.ascontiguousarray(starts, np.int64)
        self._walk(scores.ctypes.data, starts.ctypes.data, rows, n, m, width, first, low.ctypes.data, high.ctypes.data,
                   alone.ctypes.data, skipped.ctypes.data, ring.ctypes.data, len(ring), ring.shape[1], reach,
                   steps.ctypes.data, offsets.ctypes.data)

    def forward(self, worth: np.ndarray, starts: np.ndarray, first: int, *arrays: np.ndarray) -> None:
        """Take the rows from `first` on: see `posteriors`, whose arrays these are."""
        self._sums(self._forward, worth, starts, first, arrays)

    def backward(self, worth: np.ndarray, starts: np.ndarray, first: int, *arrays: np.ndarray) -> None:
        """Take the rows down to `first`: see `posteriors`, whose arrays these are."""
        self._sums(self._backward, worth, starts, first, arrays)

    def _sums(self, run: Callable[..., None], worth: np.ndarray, starts: np.ndarray, first: int,
              arrays: tuple[np.ndarray, ...]) -> None:
        rows, n, m, width = worth.shape
        starts = np.ascontiguousarray(starts, np.int64)
        run(worth.ctypes.data, starts.ctypes.data, rows, n, m, width, first, *(array.ctypes.data for array in arrays))


def _products(name: str, most_tall: int, most_wide: int) -> str:
    """Products of rows by blocks of `most_tall` x `most_wide`; the last block of a group goes over the end rows again.

    Blocks of which no row is wanted on one side are left out.
    """
    c = Code(name, "ptr %x, ptr %ix, i64 %tall, ptr %y, ptr %iy, i64 %wide, i64 %groups, i64 %depth, ptr %out")
    chunks = c(f"sdiv i64 %depth, {LANES}")
    whole = c(f"mul i64 {chunks}, {LANES}")
    rest = c(f"sub i64 %depth, {whole}")
    higher, broader = (c(f"sdiv i64 {c(f'add i64 {size}, {most - 1}')}, {most}")
                       for size, most in (("%tall", most_tall), ("%wide", most_wide)))

    def places(group: str, block: str, most: int, size: str, base: str, index: str) -> tuple[list[str], list[str], str]:
        """Which of a group's rows a block takes, their addresses, and 0 where none of them is wanted, else 1."""
        at, found, wanted = [], [], "0"
        last = c(f"sub i64 {size}, 1")
        for k in range(most):
            place = c(f"add i64 {c(f'mul i64 {block}, {most}')}, {k}")
            inside = c(f"icmp slt i64 {place}, {size}")
            place = c(f"select i1 {inside}, i64 {place}, i64 {last}")
            row = c.load("i64", c.at("i64", index, c(f"mul i64 {group}, {size}"), place))
            there = c(f"icmp sge i64 {row}, 0")
            row = c(f"select i1 {there}, i64 {row}, i64 0")
            wanted = c(f"select i1 {there}, i64 1, i64 {wanted}")
            at.append(place)
            found.append(c.at("float", base, c(f"mul i64 {row}, %depth")))
        return at, found, wanted

    def group(p: str) -> None:
        def tall(a: str) -> None:
            rows, lefts, some_rows = places(p, a, most_tall, "%tall", "%x", "%ix")

            def wide(b: str) -> None:
                columns, rights, some = places(p, b, most_wide, "%wide", "%y", "%iy")

                def step(k: str, *sums: str) -> list[str]:
                    at = c(f"mul i64 {k}, {LANES}")
                    x, y = ([c.load(_F, c.at("float", row, at)) for row in side] for side in (lefts, rights))
                    return [c(f"call {_F} @llvm.fmuladd.v{LANES}f32({_F} {x[k // most_wide]}, {_F} {y[k % most_wide]}, "
                              f"{_F} {total})") for k, total in enumerate(sums)]

                def remainder(k: str, *sums: str) -> list[str]:
                    x, y = ([c.load("float", c.at("float", row, whole, k)) for row in side] for side in (lefts, rights))
                    return [c(f"call float @llvm.fmuladd.f32(float {x[k // most_wide]}, float {y[k % most_wide]}, "
                              f"float {total})") for k, total in enumerate(sums)]

                some = c(f"mul i64 {some}, {some_rows}")
                sums = c.loop(c(f"mul i64 {some}, {chunks}"), step, *[(_F, "zeroinitializer")] * (most_tall * most_wide))
                sums = [c(f"call reassoc float @llvm.vector.reduce.fadd.v{LANES}f32(float 0.0, {_F} {total})")
                        for total in sums]
                sums = c.loop(c(f"mul i64 {some}, {rest}"), remainder, *(("float", total) for total in sums))
                for k, total in enumerate(sums):
                    line = c(f"add i64 {c(f'mul i64 {p}, %tall')}, {rows[k // most_wide]}")
                    c.store("float", total, c.at("float", "%out", c(f"mul i64 {line}, %wide"), columns[k % most_wide]))

            c.loop(broader, wide)

        c.loop(higher, tall)

    c.loop("%groups", group)
    return c.text()


def _scores() -> str:
    """The scores of a block's beads: see `Machine.scores`, and `features` for what they are."""
    c = Code("scores", "i64 %rows, i64 %n, i64 %m, i64 %chunks, i64 %across, i64 %stride, ptr %cos, ptr %places, "
             "ptr %firsts, ptr %seconds, ptr %begins, ptr %ends, ptr %least_begin, ptr %least_end, ptr %links, "
             "ptr %linked, ptr %weights, ptr %sizes, ptr %corners, ptr %begin, ptr %out")

    def all_lanes(value: str) -> str:
        return c.all_lanes(LANES, "float", value)

    numbers = {value: all_lanes(single(value)) for value in (0, 0.1, 0.3, 1, 2, 3, 6, 9, 16, -0.1, -0.3, -np.inf)}
    ratio, ratio2, surprise, ingain, outgain, link, cross, edgemin, spread, usual = (
        all_lanes(c.load("float", c.at("float", "%weights", k))) for k in range(len(WEIGHTS) + 1))
    width = c(f"mul i64 %chunks, {LANES}")
    planes = [c(f"mul i64 {width}, {k}") for k in range(6)]

    def of(operation: str, x: str, y: str) -> str:
        return c(f"{operation} reassoc contract {_F} {x}, {y}")

    def least(x: str, y: str) -> str:
        return c(f"select <{LANES} x i1> {c(f'fcmp olt {_F} {x}, {y}')}, {_F} {x}, {_F} {y}")

    def most(x: str, y: str) -> str:
        return c(f"select <{LANES} x i1> {c(f'fcmp ogt {_F} {x}, {y}')}, {_F} {x}, {_F} {y}")

    def plus(total: str, weight: str, value: str) -> str:
        return c(f"call {_F} @llvm.fmuladd.v{LANES}f32({_F} {weight}, {_F} {value}, {_F} {total})")

    def minus(total: str, weight: str, value: str) -> str:
        return plus(total, weight, c(f"fneg {_F} {value}"))

    def either(there: str, value: str, other: str) -> str:
        return c(f"select i1 {there}, {_F} {value}, {_F} {other}")

    def index(base: str, *at: str | int) -> str:
        return c.load("i64", c.at("i64", base, *at))

    def row(r: str) -> None:
        own = c.at("i64", "%places", c(f"mul i64 {c(f'mul i64 {r}, 3')}, %n"))
        above, below = c.at("i64", own, "%n"), c.at("i64", own, "%n", "%n")
        seconds = c.at("float", "%seconds", c(f"mul i64 {r}, %stride"))
        corners = c.at("float", "%corners", c(f"mul i64 {r}, {width}"))
        least_end = c.at("float", "%least_end", index("%ends", r))
        places = c.at("i64", "%linked", c(f"mul i64 {r}, {c('add i64 %n, 1')}"))
        links_here = c.at("float", "%links", index(places))

        def tall(a: str) -> None:
            at = c(f"add i64 {c(f'mul i64 {r}, %n')}, {a}")
            first = c.at("float", "%firsts", c(f"mul i64 {at}, 3"))
            size, log, touched = (all_lanes(c.load("float", c.at("float", first, k))) for k in range(3))
            there_first = c(f"fcmp ogt {_F} {size}, {numbers[0]}")
            begins = index("%begins", at)
            sizes = c(f"mul i64 {a}, %m")
            links_before = c.at("float", "%links", index(places, a, 1))
            here = index(own, a)
            here = c(f"select i1 {c(f'icmp eq i64 {here}, {NOWHERE}')}, i64 0, i64 {here}")
            layers, there = {"own": c.at("float", "%cos", here)}, {}
            for name, base, k in (("less", own, -1), ("more", own, 1), ("above", above, -1), ("below", below, 1)):
                near = c(f"add i64 {a}, {k}")
                inside = c(f"icmp sgt i64 {near}, -1") if k < 0 else c(f"icmp slt i64 {near}, %n")
                near = index(base, c(f"select i1 {inside}, i64 {near}, i64 {a}"))
                there[name] = c(f"and i1 {inside}, {c(f'icmp ne i64 {near}, {NOWHERE}')}")
                # Where there is no such bead the own place is read instead, and what was read is left.
                layers[name] = c.at("float", "%cos", c(f"select i1 {there[name]}, i64 {near}, i64 {here}"))

            def wide(e: str) -> None:
                shorter, longer = c(f"icmp sgt i64 {e}, 0"), c(f"icmp slt i64 {c(f'add i64 {e}, 1')}, %m")
                one = c(f"icmp eq i64 {c(f'add i64 {a}, {e}')}, 0")
                step = c(f"mul i64 {e}, %across")
                tables = {place: c.at("float", base, step) for place, base in layers.items()}
                less, more = (c(f"select i1 {near}, i64 {c(f'{way} i64 0, %across')}, i64 0")
                              for near, way in ((shorter, "sub"), (longer, "add")))
                tables |= {"narrower": c.at("float", tables["own"], less), "broader": c.at("float", tables["own"], more)}
                tables |= {"left": c.at("float", tables["narrower"], -1), "right": c.at("float", tables["broader"], 1)}
                second = c.at("float", seconds, c(f"mul i64 {e}, {planes[5]}"))
                back = c(f"xor i64 {e}, -1")  # -1 - e
                place = c(f"add i64 {begins}, {back}")
                bead = c(f"add i64 {c(f'mul i64 {at}, %m')}, {e}")
                size_place = c(f"mul i64 {c(f'add i64 {sizes}, {e}')}, 2")
                constant, slope = (all_lanes(c.load("float", c.at("float", "%sizes", size_place, k))) for k in (0, 1))
                target = c.at("float", "%out", c(f"mul i64 {bead}, {width}"))

                def columns(k: str) -> None:
                    k = c(f"mul i64 {k}, {LANES}")

                    def read(base: str, *offsets: str | int) -> str:
                        return c.load(_F, c.at("float", base, k, *offsets))

                    cos, less, more, above, below, left, narrower, right, broader = (read(tables[name]) for name in (
                        "own", "less", "more", "above", "below", "left", "narrower", "right", "broader"))
                    total = plus(plus(constant, slope, cos), numbers[1], read(corners))
                    total = of("fadd", total, read("%begin", place))

                    length, log_length, touching = (read(second, plane) for plane in planes[:3])
                    off = c(f"call {_F} @llvm.fabs.v{LANES}f32({_F} {of('fsub', log_length, log)})")
                    total = minus(total, ratio, least(off, numbers[2]))
                    total = minus(total, ratio2, least(of("fmul", off, off), numbers[2]))
                    apart = of("fsub", length, size)
                    square = least(of("fdiv", of("fmul", apart, apart), of("fmul", numbers[6], of("fadd", length, size))),
                                   numbers[16])
                    total = minus(total, surprise, c(f"call {_F} @llvm.sqrt.v{LANES}f32({_F} {square})"))
                    total = minus(total, spread, least(of("fmul", square, usual), numbers[9]))

                    gain = numbers[9]
                    for wanted, other in ((shorter, left), (shorter, narrower), (there["above"], above), (there["less"], less)):
                        gain = either(wanted, least(gain, of("fsub", cos, other)), gain)
                    gain = least(most(gain, numbers[-0.3]), numbers[0.1])
                    total = plus(total, ingain, either(one, numbers[0], gain))
                    gain = numbers[-0.1]
                    for wanted, other in ((there["below"], below), (there["more"], more)):
                        gain = either(wanted, most(gain, of("fsub", other, cos)), gain)
                    for plane, other in zip(planes[3:5], (right, broader), strict=True):
                        wanted = c(f"fcmp ogt {_F} {read(second, plane)}, {numbers[0]}")
                        more_gain = most(gain, of("fsub", other, cos))
                        gain = c(f"select <{LANES} x i1> {wanted}, {_F} {more_gain}, {_F} {gain}")
                    total = minus(total, outgain, least(gain, numbers[0.3]))

                    inside = of("fadd", of("fsub", read(links_here), read(links_before)),
                                of("fsub", read(links_before, back), read(links_here, back)))
                    total = plus(total, link, least(inside, numbers[3]))
                    leaving = of("fsub", of("fadd", touching, touched), of("fmul", numbers[2], inside))
                    total = minus(total, cross, least(leaving, numbers[3]))
                    total = plus(total, edgemin, least(read(least_end), read("%least_begin", place)))

                    exists = c(f"and <{LANES} x i1> {there_first}, {c(f'fcmp ogt {_F} {length}, {numbers[0]}')}")
                    total = c(f"select <{LANES} x i1> {exists}, {_F} {total}, {_F} {numbers[-np.inf]}")
                    c.store(_F, total, c.at("float", target, k))

                c.loop("%chunks", columns)

            c.loop("%m", wide)

        c.loop("%n", tall)

    c.loop("%rows", row)
    return c.text()


def _halves() -> str:
    """Similarities of listed pairs of rows: see `Machine.halves`."""
    c = Code("halves", "i64 %pairs, i64 %depth, ptr %x, ptr %ix, ptr %x_less, ptr %x_scale, ptr %y, ptr %iy, ptr %y_less, "
             "ptr %y_scale, ptr %out")
    halves, wide = f"<{LANES} x half>", 4 * LANES
    whole = c(f"mul i64 {c(f'sdiv i64 %depth, {wide}')}, {wide}")
    rest = c(f"sub i64 %depth, {whole}")

    def pair(k: str) -> None:
        i, j = (c.load("i64", c.at("i64", index, k)) for index in ("%ix", "%iy"))
        x, y = (c.at(kind, rows, c(f"mul i64 {at}, %depth")) for kind, rows, at in (("half", "%x", i), ("float", "%y", j)))

        def step(at: str, *sums: str) -> list[str]:
            place = c(f"mul i64 {at}, {wide}")
            out = []
            for part, total in enumerate(sums):
                left = c(f"fpext {halves} {c.load(halves, c.at('half', x, place, part * LANES))} to {_F}")
                right = c.load(_F, c.at("float", y, place, part * LANES))
                out.append(c(f"call {_F} @llvm.fmuladd.v{LANES}f32({_F} {left}, {_F} {right}, {_F} {total})"))
            return out

        def remainder(at: str, total: str) -> list[str]:
            left = c(f"fpext half {c.load('half', c.at('half', x, whole, at))} to float")
            return [c(f"call float @llvm.fmuladd.f32(float {left}, float {c.load('float', c.at('float', y, whole, at))}, "
                      f"float {total})")]

        sums = c.loop(c(f"sdiv i64 %depth, {wide}"), step, *[(_F, "zeroinitializer")] * 4)
        while len(sums) > 1:
            sums = [c(f"fadd {_F} {one}, {other}") for one, other in zip(sums[::2], sums[1::2], strict=True)]
        total = c(f"call reassoc float @llvm.vector.reduce.fadd.v{LANES}f32(float 0.0, {_F} {sums[0]})")
        total, = c.loop(rest, remainder, ("float", total))
        for base, at in (("%x_less", i), ("%y_less", j)):
            total = c(f"fsub float {total}, {c.load('float', c.at('float', base, at))}")
        for base, at in (("%x_scale", i), ("%y_scale", j)):
            total = c(f"fmul float {total}, {c.load('float', c.at('float', base, at))}")
        c.store("float", total, c.at("float", "%out", k))

    c.loop("%pairs", pair)
    return c.text()


def _walk() -> str:
    """The best step to each corner of a block of rows, with the same sums in the same order as NumPy's."""
    c = Code("walk", "ptr %scores, ptr %starts, i64 %rows, i64 %n, i64 %m, i64 %width, i64 %first, ptr %low, ptr %high, "
             "ptr %alone, ptr %skipped, ptr %ring, i64 %slots, i64 %stride, i64 %reach, ptr %steps, ptr %offsets")
    steps = f"<{LANES} x i16>"
    numbers = ", ".join(f"i64 {k}" for k in range(LANES))

    def place(i: str) -> str:
        """The row of the ring that holds row `i` of the grid, from column 0 on."""
        slot = c(f"srem i64 {c(f'add i64 {i}, %slots')}, %slots")
        return c.at("double", "%ring", c(f"mul i64 {slot}, %stride"), "%reach")

    def better(value: str, best: str, step: str, so_far: str) -> list[str]:
        """The greater sums and their steps."""
        above = c(f"fcmp ogt {_D} {value}, {best}")
        return [c(f"select <{LANES} x i1> {above}, {_D} {value}, {_D} {best}"),
                c(f"select <{LANES} x i1> {above}, {steps} {step}, {steps} {so_far}")]

    def row(r: str) -> None:
        i = c(f"add i64 %first, {r}")
        above, here = place(c(f"sub i64 {i}, 1")), place(i)
        left = c(f"sub i64 {i}, %slots")
        left = c(f"select i1 {c(f'icmp slt i64 {left}, 0')}, i64 0, i64 {left}")
        gone, until = (c.load("i64", c.at("i64", side, left)) for side in ("%low", "%high"))
        c.loop(c(f"sub i64 {until}, {gone}"), lambda k: c.store("double", _NEVER, c.at("double", here, gone, k)))
        low, high = (c.load("i64", c.at("i64", side, i)) for side in ("%low", "%high"))
        wide = c(f"sub i64 {high}, {low}")
        start = c(f"sub i64 {low}, {c.load('i64', c.at('i64', '%starts', r))}")
        score = c.at("float", "%scores", c(f"mul i64 {c(f'mul i64 {r}, %n')}, {c('mul i64 %m, %width')}"), start)
        target = c.at("i16", "%steps", c.load("i64", c.at("i64", "%offsets", i)))
        less = c.all_lanes(LANES, "double", c.load("double", c.at("double", "%alone", i, -1)))
        everywhere = c.all_lanes(LANES, "i64", wide)

        def columns(k: str) -> None:
            k = c(f"mul i64 {k}, {LANES}")
            j = c(f"add i64 {low}, {k}")
            lanes = c(f"add <{LANES} x i64> {c.all_lanes(LANES, 'i64', k)}, <{numbers}>")
            inside = c(f"icmp slt <{LANES} x i64> {lanes}, {everywhere}")

            def read(kind: str, base: str, *offsets: str) -> str:
                """Lanes inside the band; 0 for the others."""
                lanes, short = f"<{LANES} x {kind}>", {"float": "f32", "double": "f64"}[kind]
                return c(f"call {lanes} @llvm.masked.load.v{LANES}{short}.p0(ptr {c.at(kind, base, *offsets)}, i32 1, "
                         f"<{LANES} x i1> {inside}, {lanes} zeroinitializer)")

            def tall(a: str, best: str, step: str) -> list[str]:
                earlier = c.at("double", place(c(f"sub i64 {c(f'sub i64 {i}, 1')}, {a}")), j, -1)
                line = c.at("float", score, c(f"mul i64 {c(f'mul i64 {a}, %m')}, %width"), k)
                first = c(f"mul i64 {a}, %reach")

                def broad(e: str, best: str, step: str) -> list[str]:
                    before = read("double", earlier, c(f"sub i64 0, {e}"))
                    value = read("float", line, c(f"mul i64 {e}, %width"))
                    value = c(f"fadd {_D} {before}, {c(f'fpext {_F} {value} to {_D}')}")
                    here = c(f"trunc i64 {c(f'add i64 {first}, {e}')} to i16")
                    return better(value, best, c.all_lanes(LANES, "i16", here), step)

                return c.loop("%m", broad, (_D, best), (steps, step))

            never = c.all_lanes(LANES, "double", _NEVER)
            best, step = c.loop("%n", tall, (_D, never), (steps, "zeroinitializer"))
            value = c(f"fadd {_D} {read('double', above, j)}, {less}")
            best, step = better(value, best, c.all_lanes(LANES, "i16", str(ALONE_FIRST)), step)
            for kind, values, base, at in (("double", best, here, j), ("i16", step, target, k)):
                c.do(f"call void @llvm.masked.store.v{LANES}{'f64' if kind == 'double' else kind}.p0(<{LANES} x {kind}> {values}, "
                     f"ptr {c.at(kind, base, at)}, i32 1, <{LANES} x i1> {inside})")

        c.loop(c(f"sdiv i64 {c(f'add i64 {wide}, {LANES - 1}')}, {LANES}"), columns)

        def along(k: str, along: str) -> list[str]:
            j = c(f"add i64 {low}, {k}")
            best = c.load("double", c.at("double", here, j))
            step = c.load("i16", c.at("i16", target, k))
            skipped = c.load("double", c.at("double", "%skipped", j))
            value = c(f"fsub double {best}, {skipped}")
            along = c(f"select i1 {c(f'fcmp ogt double {value}, {along}')}, double {value}, double {along}")
            value = c(f"fadd double {along}, {skipped}")
            clear = c(f"fcmp ogt double {value}, {c(f'fadd double {best}, 0x3E112E0BE826D695')}")  # by 1e-9
            c.store("i16", c(f"select i1 {clear}, i16 {ALONE_SECOND}, i16 {step}"), c.at("i16", target, k))
            c.store("double", c(f"select i1 {c(f'fcmp ogt double {value}, {best}')}, double {value}, double {best}"),
                    c.at("double", here, j))
            return [along]

        c.loop(wide, along, ("double", _NEVER))

    c.loop("%rows", row)
    return c.text()


_SUMS = ("ptr %worth, ptr %starts, i64 %rows, i64 %n, i64 %m, i64 %width, i64 %first, ptr %low, ptr %high, ptr %alone, "
         "ptr %before, ptr %offsets, ptr %scales")


class _Row:
    """What both passes of `posteriors` look at in a row of the grid; in lanes of columns.

    ::

        row t = i - 1 - a     . . . [b] . . .       before a bead of a + 1 and e + 1 segments
                                       \\
        row i                 . . . . .  [j] .      the corner where it ends, j - 1 - e = b
    """

    def __init__(self, c: Code, r: str):
        self.c = c
        self.i = c(f"add i64 %first, {r}")
        self.low, self.high = (c.load("i64", c.at("i64", side, self.i)) for side in ("%low", "%high"))
        self.wide = c(f"sub i64 {self.high}, {self.low}")
        start = c(f"sub i64 {self.low}, {c.load('i64', c.at('i64', '%starts', r))}")
        self.worth = c.at("float", "%worth", c(f"mul i64 {c(f'mul i64 {r}, %n')}, {c('mul i64 %m, %width')}"), start)
        self.chunks = c(f"sdiv i64 {c(f'add i64 {self.wide}, {LANES - 1}')}, {LANES}")

    def of(self, base: str, i: str) -> str:
        """Row `i` of a flat array."""
        return self.c.at("double", base, self.c.load("i64", self.c.at("i64", "%offsets", i)))

    def scale(self, i: str) -> str:
        """The number that row `i` was divided by."""
        return self.c.load("double", self.c.at("double", "%scales", i))

    def above(self, a: str) -> tuple[str, str, str, str]:
        """The row in which beads of `a` + 1 segments begin, or the first; whether it is there; its first column and width."""
        c = self.c
        t = c(f"sub i64 {c(f'sub i64 {self.i}, 1')}, {a}")
        there = c(f"icmp sge i64 {t}, 0")
        t = c(f"select i1 {there}, i64 {t}, i64 0")
        low, high = (c.load("i64", c.at("i64", side, t)) for side in ("%low", "%high"))
        return t, there, low, c(f"sub i64 {high}, {low}")

    def lanes(self, start: str, wide: str) -> str:
        """Which lanes from column `start` of a row on lie inside it."""
        c = self.c
        numbers = ", ".join(f"i64 {k}" for k in range(LANES))
        at = c(f"add <{LANES} x i64> {c.all_lanes(LANES, 'i64', start)}, <{numbers}>")
        return c(f"icmp ult <{LANES} x i64> {at}, {c.all_lanes(LANES, 'i64', wide)}")

    def read(self, kind: str, address: str, inside: str) -> str:
        """Lanes that are inside, 0 for the others."""
        lanes, short = f"<{LANES} x {kind}>", {"float": "f32", "double": "f64"}[kind]
        return self.c(f"call {lanes} @llvm.masked.load.v{LANES}{short}.p0(ptr {address}, i32 1, <{LANES} x i1> {inside}, "
                      f"{lanes} zeroinitializer)")

    def write(self, kind: str, values: str, address: str, inside: str) -> None:
        """Put the lanes that are inside."""
        short = {"float": "f32", "double": "f64"}[kind]
        self.c.do(f"call void @llvm.masked.store.v{LANES}{short}.p0(<{LANES} x {kind}> {values}, ptr {address}, i32 1, "
                  f"<{LANES} x i1> {inside})")


def _forward() -> str:
    """Sums over the ways to each corner of a block of rows: see `posteriors`."""
    c = Code("forward", _SUMS)

    def row(r: str) -> None:
        here = _Row(c, r)
        target = here.of("%before", here.i)
        above, _, above_low, above_wide = here.above("0")
        alone = c.all_lanes(LANES, "double", c.load("double", c.at("double", "%alone", above)))

        def columns(k: str) -> None:
            k = c(f"mul i64 {k}, {LANES}")
            inside = here.lanes(k, here.wide)
            j = c(f"add i64 {here.low}, {k}")

            def tall(a: str, total: str, factor: str) -> list[str]:
                t, there, low, wide = here.above(a)
                earlier = here.of("%before", t)
                line = c.at("float", here.worth, c(f"mul i64 {c(f'mul i64 {a}, %m')}, %width"), k)
                last = c(f"sub i64 {c(f'sub i64 {j}, 1')}, {low}")

                def broad(e: str, so_far: str) -> list[str]:
                    at = c(f"sub i64 {last}, {e}")
                    mask = c(f"and <{LANES} x i1> {inside}, {here.lanes(at, wide)}")
                    worth = here.read("float", c.at("float", line, c(f"mul i64 {e}, %width")), inside)
                    way = c(f"fmul {_D} {here.read('double', c.at('double', earlier, at), mask)}, "
                            f"{c(f'fpext {_F} {worth} to {_D}')}")
                    return [c(f"fadd {_D} {so_far}, {way}")]

                ways, = c.loop("%m", broad, (_D, "zeroinitializer"))
                used = c.all_lanes(LANES, "double", c(f"select i1 {there}, double {factor}, double 0.0"))
                ways = c(f"fmul {_D} {ways}, {used}")
                total = c(f"fadd {_D} {total}, {ways}")
                return [total, c(f"fdiv double {factor}, {here.scale(t)}")]

            total, _ = c.loop("%n", tall, (_D, "zeroinitializer"), ("double", "1.0"))
            at = c(f"sub i64 {j}, {above_low}")
            mask = c(f"and <{LANES} x i1> {inside}, {here.lanes(at, above_wide)}")
            way = here.read("double", c.at("double", here.of("%before", above), at), mask)
            total = c(f"fadd {_D} {total}, {c(f'fmul {_D} {way}, {alone}')}")
            here.write("double", total, c.at("double", target, k), inside)

        c.loop(here.chunks, columns)

        def along(k: str, so_far: str, largest: str) -> list[str]:
            place = c.at("double", target, k)
            value = c(f"fadd double {c.load('double', place)}, {so_far}")
            c.store("double", value, place)
            return [value, c(f"select i1 {c(f'fcmp ogt double {value}, {largest}')}, double {value}, double {largest}")]

        _, largest = c.loop(here.wide, along, ("double", "0.0"), ("double", "0.0"))
        scale = c(f"select i1 {c(f'fcmp ogt double {largest}, 0.0')}, double {largest}, double 1.0")
        c.store("double", scale, c.at("double", "%scales", here.i))

        def divide(k: str) -> None:
            place = c.at("double", target, k)
            c.store("double", c(f"fdiv double {c.load('double', place)}, {scale}"), place)

        c.loop(here.wide, divide)

    c.loop("%rows", row)
    return c.text()


def _backward() -> str:
    """Sums over the ways on from each corner of a block of rows, and what each bead's share is: see `posteriors`."""
    c = Code("backward", f"{_SUMS}, ptr %after, ptr %first_alone, ptr %second_alone")

    def tell(base: str, at: str, share: str, place: str) -> None:
        """Add a share and its moment to those of a segment."""
        for k, value in enumerate((share, c(f"fmul double {share}, {c(f'sitofp i64 {place} to double')}"))):
            address = c.at("double", base, c(f"mul i64 {at}, 2"), k)
            c.store("double", c(f"fadd double {c.load('double', address)}, {value}"), address)

    def row(back: str) -> None:
        here = _Row(c, c(f"sub i64 {c('sub i64 %rows, 1')}, {back}"))
        own, own_before = here.of("%after", here.i), here.of("%before", here.i)

        def along(k: str, so_far: str) -> list[str]:
            at = c(f"sub i64 {c(f'sub i64 {here.wide}, 1')}, {k}")
            place = c.at("double", own, at)
            # The step from this corner along the row; past the last corner so_far is 0.
            tell("%second_alone", c(f"add i64 {c(f'add i64 {here.low}, {at}')}, 1"),
                 c(f"fmul double {so_far}, {c.load('double', c.at('double', own_before, at))}"), here.i)
            value = c(f"fadd double {c.load('double', place)}, {so_far}")
            c.store("double", value, place)
            return [value]

        c.loop(here.wide, along, ("double", "0.0"))
        above, _, above_low, above_wide = here.above("0")
        alone = c(f"fdiv double {c.load('double', c.at('double', '%alone', above))}, {here.scale(here.i)}")
        above_after, above_before = here.of("%after", above), here.of("%before", above)

        def skip(k: str) -> None:
            j = c(f"add i64 {here.low}, {k}")
            at = c(f"sub i64 {j}, {above_low}")
            there = c(f"icmp ult i64 {at}, {above_wide}")
            at = c(f"select i1 {there}, i64 {at}, i64 0")
            way = c(f"fmul double {c.load('double', c.at('double', own, k))}, {alone}")
            way = c(f"select i1 {there}, double {way}, double 0.0")
            place = c.at("double", above_after, at)
            c.store("double", c(f"fadd double {c.load('double', place)}, {way}"), place)
            tell("%first_alone", above, c(f"fmul double {way}, {c.load('double', c.at('double', above_before, at))}"), j)

        c.loop(here.wide, skip)

        def tall(a: str, factor: str) -> list[str]:
            t, there, low, wide = here.above(a)
            earlier, later = here.of("%before", t), here.of("%after", t)
            used = c.all_lanes(LANES, "double", c(f"select i1 {there}, double {factor}, double 0.0"))

            def columns(k: str) -> None:
                k = c(f"mul i64 {k}, {LANES}")
                inside = here.lanes(k, here.wide)
                line = c.at("float", here.worth, c(f"mul i64 {c(f'mul i64 {a}, %m')}, %width"), k)
                j = c(f"add i64 {here.low}, {k}")
                last = c(f"sub i64 {c(f'sub i64 {j}, 1')}, {low}")
                after = c(f"fmul {_D} {here.read('double', c.at('double', own, k), inside)}, {used}")

                def broad(e: str) -> None:
                    at = c(f"sub i64 {last}, {e}")
                    mask = c(f"and <{LANES} x i1> {inside}, {here.lanes(at, wide)}")
                    bead = c.at("float", line, c(f"mul i64 {e}, %width"))
                    worth = c(f"fpext {_F} {here.read('float', bead, inside)} to {_D}")
                    way = c(f"fmul {_D} {worth}, {after}")
                    share = c(f"fmul {_D} {way}, {here.read('double', c.at('double', earlier, at), mask)}")
                    here.write("float", c(f"fptrunc {_D} {share} to {_F}"), bead, inside)
                    place = c.at("double", later, at)
                    here.write("double", c(f"fadd {_D} {here.read('double', place, mask)}, {way}"), place, mask)

                c.loop("%m", broad)

            c.loop(here.chunks, columns)
            return [c(f"fdiv double {factor}, {here.scale(t)}")]

        c.loop("%n", tall, ("double", c(f"fdiv double 1.0, {here.scale(here.i)}")))

    c.loop("%rows", row)
    return c.text()
