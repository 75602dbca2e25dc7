"""Machine code for what large grids spend their time on: products of listed rows, and the walk through the band.

Both have a plain NumPy twin here or in `path`, which is the reference, and serves where nothing can be compiled.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

from ..compiled import INTEGER, POINTER, Code, functions, processor

_LANES = 16
# Rows of either array whose products are summed at once, in registers.
_TALL, _WIDE = 2, 4
_F = f"<{_LANES} x float>"
_DECLARED = f"""
declare {_F} @llvm.fmuladd.v{_LANES}f32({_F}, {_F}, {_F})
declare float @llvm.fmuladd.f32(float, float, float)
declare float @llvm.vector.reduce.fadd.v{_LANES}f32(float, {_F})
"""
_NEVER = "0xFFF0000000000000"  # minus infinity
ALONE_FIRST, ALONE_SECOND = -1, -2

# products(x, ix, y, iy)[p, a, l] = x[ix[p, a]] . y[iy[p, l]]
Products = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def products(x: np.ndarray, ix: np.ndarray, y: np.ndarray, iy: np.ndarray) -> np.ndarray:
    """For each p the products of the rows `ix[p]` of `x` with the rows `iy[p]` of `y`; shape (p, a, l). Where one of
    the two is -1 the result may be any number."""
    return x[ix] @ y[iy].transpose(0, 2, 1)


@cache
def machine() -> "Machine | None":
    """The compiled functions; None where nothing can be compiled."""
    try:
        return Machine() if processor() else None
    except RuntimeError:
        return None


class Machine:
    """`products` and the walk through a block of rows, compiled; calls let other threads run."""

    def __init__(self) -> None:
        (self._tiles, self._pairs, self._walk), self._engine = functions(
            _DECLARED + _products("tiles", _TALL, _WIDE) + "\n" + _products("pairs", 1, 1) + "\n" + _walk(),
            {"tiles": (POINTER, POINTER, INTEGER, POINTER, POINTER, INTEGER, INTEGER, INTEGER, POINTER),
             "pairs": (POINTER, POINTER, INTEGER, POINTER, POINTER, INTEGER, INTEGER, INTEGER, POINTER),
             "walk": (*[POINTER] * 2, *[INTEGER] * 5, *[POINTER] * 4, POINTER, *[INTEGER] * 3, *[POINTER] * 2)})

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

    def walk(self, scores: np.ndarray, starts: np.ndarray, first: int, low: np.ndarray, high: np.ndarray,
             alone: np.ndarray, skipped: np.ndarray, ring: np.ndarray, reach: int, steps: np.ndarray,
             offsets: np.ndarray) -> None:
        """Take the rows from `first` on: see `path`, whose arrays these are."""
        rows, n, m, width = scores.shape
        scores = np.ascontiguousarray(scores, np.float32)
        starts = np.ascontiguousarray(starts, np.int64)
        self._walk(scores.ctypes.data, starts.ctypes.data, rows, n, m, width, first, low.ctypes.data, high.ctypes.data,
                   alone.ctypes.data, skipped.ctypes.data, ring.ctypes.data, len(ring), ring.shape[1], reach,
                   steps.ctypes.data, offsets.ctypes.data)


def _products(name: str, most_tall: int, most_wide: int) -> str:
    """Products of rows by blocks of `most_tall` x `most_wide`; the last block of a group goes over the end rows again.

    Blocks of which no row is wanted on one side are left out.
    """
    c = Code(name, "ptr %x, ptr %ix, i64 %tall, ptr %y, ptr %iy, i64 %wide, i64 %groups, i64 %depth, ptr %out")
    chunks = c(f"sdiv i64 %depth, {_LANES}")
    whole = c(f"mul i64 {chunks}, {_LANES}")
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
                    at = c(f"mul i64 {k}, {_LANES}")
                    x, y = ([c.load(_F, c.at("float", row, at)) for row in side] for side in (lefts, rights))
                    return [c(f"call {_F} @llvm.fmuladd.v{_LANES}f32({_F} {x[k // most_wide]}, {_F} {y[k % most_wide]}, "
                              f"{_F} {total})") for k, total in enumerate(sums)]

                def remainder(k: str, *sums: str) -> list[str]:
                    x, y = ([c.load("float", c.at("float", row, whole, k)) for row in side] for side in (lefts, rights))
                    return [c(f"call float @llvm.fmuladd.f32(float {x[k // most_wide]}, float {y[k % most_wide]}, "
                              f"float {total})") for k, total in enumerate(sums)]

                some = c(f"mul i64 {some}, {some_rows}")
                sums = c.loop(c(f"mul i64 {some}, {chunks}"), step, *[(_F, "zeroinitializer")] * (most_tall * most_wide))
                sums = [c(f"call reassoc float @llvm.vector.reduce.fadd.v{_LANES}f32(float 0.0, {_F} {total})")
                        for total in sums]
                sums = c.loop(c(f"mul i64 {some}, {rest}"), remainder, *(("float", total) for total in sums))
                for k, total in enumerate(sums):
                    line = c(f"add i64 {c(f'mul i64 {p}, %tall')}, {rows[k // most_wide]}")
                    c.store("float", total, c.at("float", "%out", c(f"mul i64 {line}, %wide"), columns[k % most_wide]))

            c.loop(broader, wide)

        c.loop(higher, tall)

    c.loop("%groups", group)
    return c.text()


def _walk() -> str:
    """The best step to each corner of a block of rows, with the same sums in the same order as NumPy's."""
    c = Code("walk", "ptr %scores, ptr %starts, i64 %rows, i64 %n, i64 %m, i64 %width, i64 %first, ptr %low, ptr %high, "
             "ptr %alone, ptr %skipped, ptr %ring, i64 %slots, i64 %stride, i64 %reach, ptr %steps, ptr %offsets")

    def place(i: str) -> str:
        """The row of the ring that holds row `i` of the grid, from column 0 on."""
        slot = c(f"srem i64 {c(f'add i64 {i}, %slots')}, %slots")
        return c.at("double", "%ring", c(f"mul i64 {slot}, %stride"), "%reach")

    def better(value: str, best: str, step: str | int, so_far: str) -> list[str]:
        """The greater sum and its step."""
        above = c(f"fcmp ogt double {value}, {best}")
        return [c(f"select i1 {above}, double {value}, double {best}"),
                c(f"select i1 {above}, i64 {step}, i64 {so_far}")]

    def row(r: str) -> None:
        i = c(f"add i64 %first, {r}")
        above, here = place(c(f"sub i64 {i}, 1")), place(i)
        left = c(f"sub i64 {i}, %slots")
        left = c(f"select i1 {c(f'icmp slt i64 {left}, 0')}, i64 0, i64 {left}")
        gone, until = (c.load("i64", c.at("i64", side, left)) for side in ("%low", "%high"))
        c.loop(c(f"sub i64 {until}, {gone}"), lambda k: c.store("double", _NEVER, c.at("double", here, gone, k)))
        low, high = (c.load("i64", c.at("i64", side, i)) for side in ("%low", "%high"))
        start = c(f"sub i64 {low}, {c.load('i64', c.at('i64', '%starts', r))}")
        score = c.at("float", "%scores", c(f"mul i64 {c(f'mul i64 {r}, %n')}, {c('mul i64 %m, %width')}"), start)
        target = c.at("i16", "%steps", c.load("i64", c.at("i64", "%offsets", i)))
        less = c.load("double", c.at("double", "%alone", i, -1))

        def corner(k: str, along: str) -> list[str]:
            j = c(f"add i64 {low}, {k}")

            def tall(a: str, best: str, step: str) -> list[str]:
                earlier = c.at("double", place(c(f"sub i64 {c(f'sub i64 {i}, 1')}, {a}")), j, -1)
                line = c.at("float", score, c(f"mul i64 {c(f'mul i64 {a}, %m')}, %width"), k)
                first = c(f"mul i64 {a}, %reach")

                def wide(e: str, best: str, step: str) -> list[str]:
                    before = c.load("double", c.at("double", earlier, c(f"sub i64 0, {e}")))
                    value = c.load("float", c.at("float", line, c(f"mul i64 {e}, %width")))
                    value = c(f"fadd double {before}, {c(f'fpext float {value} to double')}")
                    return better(value, best, c(f"add i64 {first}, {e}"), step)

                return c.loop("%m", wide, ("double", best), ("i64", step))

            best, step = c.loop("%n", tall, ("double", _NEVER), ("i64", "0"))
            value = c(f"fadd double {c.load('double', c.at('double', above, j))}, {less}")
            best, step = better(value, best, ALONE_FIRST, step)
            skipped = c.load("double", c.at("double", "%skipped", j))
            along, _ = better(c(f"fsub double {best}, {skipped}"), along, 0, "0")
            value = c(f"fadd double {along}, {skipped}")
            clear = c(f"fcmp ogt double {value}, {c(f'fadd double {best}, 0x3E112E0BE826D695')}")  # by 1e-9
            step = c(f"select i1 {clear}, i64 {ALONE_SECOND}, i64 {step}")
            best, _ = better(value, best, 0, "0")
            c.store("double", best, c.at("double", here, j))
            c.store("i16", c(f"trunc i64 {step} to i16"), c.at("i16", target, k))
            return [along]

        c.loop(c(f"sub i64 {high}, {low}"), corner, ("double", _NEVER))

    c.loop("%rows", row)
    return c.text()
