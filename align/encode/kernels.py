"""Machine code for the embedded model's two heavy loops, made at run time for x86 processors with AVX-512 VNNI.

llvmlite turns the text of LLVM IR that is written here into functions within a few tenths of a second; there is no
compiler to install and nothing is kept on disk. The model's weights are 8-bit integers by origin (each array has one
scale and zero at 0), so integer products lose nothing on their side.

`features` runs the two convolutions and the norm over a window of tokens and sums the result by group. Activations
between the convolutions are rounded to 8 bits, each token and branch with a scale of its own. `dense` is a matrix
product with activations rounded to 14 bits, each row with a scale of its own.

NumPy's pass in `network` is the reference for both.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from ..compiled import INTEGER, POINTER, SINGLE, Code, functions, processor, single

# Rows and 16-lane columns of the block of accumulators that stays in registers.
TILE, LANES, COLUMNS = 6, 16, 4
WIDE = LANES * COLUMNS
# Vectors of a row that are summed at once.
_SUMMED = 8
# 14 bits and a sign: 8191 * 127 * 1280 still fits 32 bits.
_DENSE_MOST = 8191.0


class _Code(Code):
    """Code with vectors of LANES numbers."""

    def spread(self, kind: str, value: str) -> str:
        """A scalar in all lanes."""
        return self.all_lanes(LANES, kind, value)

    def half(self, address: str) -> str:
        """Lanes of half precision as single precision."""
        return self(f"fpext <{LANES} x half> {self.load(f'<{LANES} x half>', address)} to {_F}")

    def fma(self, a: str, b: str, c: str) -> str:
        """a * b + c."""
        return self(f"call {_F} @llvm.fma.v{LANES}f32({_F} {a}, {_F} {b}, {_F} {c})")

    def least(self, value: str, floor: str) -> str:
        """Lane by lane the value, or `floor` where it is lower."""
        return self(f"select <{LANES} x i1> {self(f'fcmp ogt {_F} {value}, {floor}')}, {_F} {value}, {_F} {floor}")

    def quantise(self, source: str, target: str, chunks: int | str, kind: str, peak: str, most: float,
                 floor: str | None = None) -> tuple[str, str]:
        """Round `chunks` vectors of floats, none taken as lower than `floor`, to integers of at most `most`; their
        scale and their sum."""
        some = self(f"fcmp ogt float {peak}, 0x3810000000000000")
        inverse = self(f"fdiv float {most:e}, {peak}")
        factor = self.spread("float", self(f"select i1 {some}, float {inverse}, float 0.0"))

        def chunk(i: str, total: str) -> list[str]:
            start = self(f"mul i64 {i}, {LANES}")
            value = self.load(_F, self.at("float", source, start))
            value = self(f"fmul {_F} {value if floor is None else self.least(value, floor)}, {factor}")
            value = self(f"call {_F} @llvm.rint.v{LANES}f32({_F} {value})")
            whole = self(f"fptosi {_F} {value} to {_I}")
            self.store(f"<{LANES} x {kind}>", self(f"trunc {_I} {whole} to <{LANES} x {kind}>"),
                       self.at(kind, target, start))
            return [self(f"add {_I} {total}, {whole}")]

        total, = self.loop(str(chunks), chunk, (_I, "zeroinitializer"))
        scale = self(f"fmul float {peak}, {single(1 / most)}")
        return scale, self(f"call i32 @llvm.vector.reduce.add.v{LANES}i32({_I} {total})")

    def peak(self, value: str, most: str) -> str:
        """Lane by lane the greater of |value| and `most`."""
        size = self(f"call {_F} @llvm.fabs.v{LANES}f32({_F} {value})")
        return self(f"select <{LANES} x i1> {self(f'fcmp ogt {_F} {size}, {most}')}, {_F} {size}, {_F} {most}")

    def highest(self, value: str) -> str:
        """The greatest lane."""
        return self(f"call float @llvm.vector.reduce.fmax.v{LANES}f32({_F} {value})")

    def total(self, value: str) -> str:
        """The sum of the lanes."""
        return self(f"call reassoc float @llvm.vector.reduce.fadd.v{LANES}f32(float 0.0, {_F} {value})")

    def products(self, instruction: str, steps: str, left: Sequence[str], right: str,
                 starts: Sequence[str]) -> list[str]:
        """A block of TILE x COLUMNS accumulators after `steps` of four bytes of each row of `left`.

        `right` holds, step by step, COLUMNS vectors of the other matrix. The first factor of the 8-bit instruction is
        unsigned: the weights, by 128 too high, for which `starts` makes up.
        """
        def step(i: str, *sums: str) -> list[str]:
            base = self(f"mul i64 {i}, {COLUMNS * LANES}")
            weights = [self.load(_I, self.at("i32", right, base, j * LANES)) for j in range(COLUMNS)]
            out = []
            for row in range(TILE):
                value = self.spread("i32", self.load("i32", self.at("i32", left[row], i)))
                for j in range(COLUMNS):
                    out.append(self(f'call {_I} asm "{instruction} $2, $1, $0", "=v,v,v,0"'
                                    f"({_I} {weights[j]}, {_I} {value}, {_I} {sums[row * COLUMNS + j]})"))
            return out

        return self.loop(steps, step, *((_I, start) for start in starts for _ in range(COLUMNS)))


_F, _I = f"<{LANES} x float>", f"<{LANES} x i32>"
_ZERO = "zeroinitializer"
_DECLARED = f"""
declare {_F} @llvm.fma.v{LANES}f32({_F}, {_F}, {_F})
declare {_F} @llvm.rint.v{LANES}f32({_F})
declare {_F} @llvm.fabs.v{LANES}f32({_F})
declare float @llvm.sqrt.f32(float)
declare float @llvm.vector.reduce.fmax.v{LANES}f32({_F})
declare float @llvm.vector.reduce.fadd.v{LANES}f32(float, {_F})
declare i32 @llvm.vector.reduce.add.v{LANES}i32({_I})
"""


def _features(orders: Sequence[tuple[int, int]], width: int, embedding: int, eps: float) -> str:
    """`features`: see `Features`."""
    branches = width * len(orders)
    places = sum(n for n, _ in orders)
    row = embedding + branches + places * width
    everything = embedding + branches
    chunks = width // LANES
    reach = max(max(left, n - 1 - left) for n, left in orders)
    c = _Code("features", "ptr %slots, i64 %count, ptr %rows, i64 %wanted, ptr %groups, ptr %table, ptr %stats, "
              "ptr %weights, ptr %bias, ptr %factors, ptr %inner, ptr %bytes, ptr %scales, ptr %starts, ptr %out")
    outer = c(f"alloca [{TILE * branches} x float], align 64")

    def first(i: str) -> None:
        t = c(f"add i64 {i}, {reach}")
        sources = {}
        for shift in range(-reach, reach + 1):
            slot = c(f"sext i32 {c.load('i32', c.at('i32', '%slots', t, shift))} to i64")
            sources[shift] = c.at("half", "%table", c(f"mul i64 {slot}, {row}"))
            if shift == 0:
                none = c(f"icmp eq i64 {slot}, 0")
        here = c.at("float", "%inner", c(f"mul i64 {t}, {branches}"))
        target = c.at("i8", "%bytes", c(f"mul i64 {t}, {branches}"))
        place = 0
        for b, (n, left) in enumerate(orders):
            def chunk(k: str, most: str, b: int = b, n: int = n, left: int = left, place: int = place) -> list[str]:
                at = c(f"mul i64 {k}, {LANES}")
                value = None
                for p in range(n):
                    part = c.half(c.at("half", sources[p - left], at, embedding + branches + (place + p) * width))
                    value = part if value is None else c(f"fadd {_F} {value}, {part}")
                above = c(f"fcmp ogt {_F} {value}, {_ZERO}")
                value = c(f"select <{LANES} x i1> {above}, {_F} {value}, {_F} {_ZERO}")
                value = c(f"fadd {_F} {value}, {c.half(c.at('half', sources[0], at, embedding + b * width))}")
                value = c(f"select i1 {none}, {_F} {_ZERO}, {_F} {value}")
                c.store(_F, value, c.at("float", here, at, b * width))
                return [c.peak(value, most)]

            most, = c.loop(str(chunks), chunk, (_F, _ZERO))
            scale, total = c.quantise(c.at("float", here, b * width), c.at("i8", target, b * width), chunks, "i8",
                                      c.highest(most), 127.0)
            index = c(f"mul i64 {t}, 4")
            factor = c.load("float", c.at("float", "%factors", b))
            c.store("float", c(f"fmul float {scale}, {factor}"), c.at("float", "%scales", index, b))
            c.store("i32", c(f"mul i32 {total}, -128"), c.at("i32", "%starts", index, b))
            place += n

    c.loop(c(f"sub i64 %count, {2 * reach}"), first)

    def tile(i: str) -> None:
        base = c(f"mul i64 {i}, {TILE}")
        at = [c.load("i64", c.at("i64", "%rows", base, r)) for r in range(TILE)]
        done = 0
        for b, (n, left) in enumerate(orders):
            def block(k: str, b: int = b, n: int = n, left: int = left, done: int = done) -> None:
                sums = [_ZERO] * (TILE * COLUMNS)
                for p in range(n):
                    tokens = [c(f"add i64 {a}, {p - left}") for a in at]
                    lefts = [c.at("i8", "%bytes", c(f"mul i64 {t}, {branches}"), b * width) for t in tokens]
                    notes = [c(f"mul i64 {t}, 4") for t in tokens]
                    starts = [c.spread("i32", c.load("i32", c.at("i32", "%starts", note, b))) for note in notes]
                    panel = c(f"add i64 {c(f'mul i64 {k}, {n}')}, {p}")
                    right = c.at("i8", "%weights", c(f"mul i64 {panel}, {width * WIDE}"), done)
                    found = c.products("vpdpbusd", str(width // 4), lefts, right, starts)
                    for r in range(TILE):
                        scale = c.spread("float", c.load("float", c.at("float", "%scales", notes[r], b)))
                        for j in range(COLUMNS):
                            m = r * COLUMNS + j
                            sums[m] = c.fma(c(f"sitofp {_I} {found[m]} to {_F}"), scale, sums[m])
                column = c(f"mul i64 {k}, {WIDE}")
                for r in range(TILE):
                    for j in range(COLUMNS):
                        bias = c.load(_F, c.at("float", "%bias", column, b * width + j * LANES))
                        value = c(f"fadd {_F} {sums[r * COLUMNS + j]}, {bias}")
                        above = c(f"fcmp ogt {_F} {value}, {_ZERO}")
                        value = c(f"select <{LANES} x i1> {above}, {_F} {value}, {_F} {_ZERO}")
                        start = c(f"mul i64 {at[r]}, {branches}")
                        inner = c.load(_F, c.at("float", "%inner", start, column, b * width + j * LANES))
                        c.store(_F, c(f"fadd {_F} {value}, {inner}"),
                                c.at("float", outer, column, r * branches + b * width + j * LANES))

            c.loop(str(width // WIDE), block)
            done += n * width * width

        def pool(r: str) -> None:
            values = c.at("float", outer, c(f"mul i64 {r}, {branches}"))

            def measure(k: str, total: str, square: str) -> list[str]:
                value = c.load(_F, c.at("float", values, c(f"mul i64 {k}, {LANES}")))
                return [c(f"fadd {_F} {total}, {value}"), c.fma(value, value, square)]

            total, square = c.loop(str(branches // LANES), measure, (_F, _ZERO), (_F, _ZERO))
            which = c(f"add i64 {base}, {r}")
            position = c.load("i64", c.at("i64", "%rows", which))
            slot = c(f"sext i32 {c.load('i32', c.at('i32', '%slots', position))} to i64")
            known = c.at("float", "%stats", c(f"mul i64 {slot}, 2"))
            total = c(f"fadd float {c.total(total)}, {c.load('float', known)}")
            square = c(f"fadd float {c.total(square)}, {c.load('float', c.at('float', known, 1))}")
            mean = c(f"fmul float {total}, {single(1 / everything)}")
            square = c(f"fmul float {square}, {single(1 / everything)}")
            power = c(f"fmul float {mean}, {mean}")
            variance = c(f"fadd float {c(f'fsub float {square}, {power}')}, {single(eps)}")
            scale = c(f"fdiv float 1.0, {c(f'call float @llvm.sqrt.f32(float {variance})')}")
            means, scales = c.spread("float", mean), c.spread("float", scale)
            group = c.load("i64", c.at("i64", "%groups", which))
            target = c.at("float", "%out", c(f"mul i64 {group}, {everything}"))
            source = c.at("half", "%table", c(f"mul i64 {slot}, {row}"))

            def add(k: str, read: Callable[[str], str], shift: int) -> None:
                start = c(f"mul i64 {k}, {LANES}")
                value = c(f"fsub {_F} {read(start)}, {means}")
                address = c.at("float", target, start, shift)
                c.store(_F, c.fma(value, scales, c.load(_F, address)), address)

            c.loop(str(embedding // LANES), lambda k: add(k, lambda s: c.half(c.at("half", source, s)), 0))
            c.loop(str(branches // LANES),
                   lambda k: add(k, lambda s: c.load(_F, c.at("float", values, s)), embedding))

        rest = c(f"sub i64 %wanted, {base}")
        full = c(f"icmp sgt i64 {rest}, {TILE}")
        c.loop(c(f"select i1 {full}, i64 {TILE}, i64 {rest}"), pool)

    tiles = c(f"sdiv i64 {c(f'add i64 %wanted, {TILE - 1}')}, {TILE}")
    c.loop(tiles, tile)
    return c.text()


def _dense() -> str:
    """`dense`: see `Dense`."""
    c = _Code("dense", "ptr %left, i64 %stride, float %least, i64 %tiles, i64 %depth, ptr %right, i64 %blocks, "
              "float %factor, ptr %words, ptr %beside, i64 %step, ptr %shares, float %floor, ptr %out")
    wide = c(f"mul i64 %blocks, {WIDE}")
    vectors = c(f"sdiv i64 %depth, {LANES}")
    pairs = c("sdiv i64 %depth, 2")
    least, floor = c.spread("float", "%least"), c.spread("float", "%floor")

    def tile(i: str) -> None:
        base = c(f"mul i64 {i}, {TILE}")
        rows = [c(f"add i64 {base}, {r}") for r in range(TILE)]
        scales, lefts, shares = [], [], []
        for r in range(TILE):
            source = c.at("float", "%left", c(f"mul i64 {rows[r]}, %stride"))
            target = c.at("i16", "%words", c(f"mul i64 %depth, {r}"))
            most, = c.loop(vectors, lambda k, most, source=source: [
                c.peak(c.least(c.load(_F, c.at("float", source, c(f"mul i64 {k}, {LANES}"))), least), most)],
                (_F, _ZERO))
            scale, _ = c.quantise(source, target, vectors, "i16", c.highest(most), _DENSE_MOST, least)
            scales.append(c.spread("float", c(f"fmul float {scale}, %factor")))
            shares.append(c.spread("float", c.load("float", c.at("float", "%shares", rows[r]))))
            lefts.append(target)

        def block(k: str) -> None:
            right = c.at("i16", "%right", c(f"mul i64 {c(f'mul i64 {k}, {WIDE}')}, %depth"))
            found = c.products("vpdpwssd", pairs, lefts, right, [_ZERO] * TILE)
            column = c(f"mul i64 {k}, {WIDE}")
            for r in range(TILE):
                start = c(f"mul i64 {rows[r]}, {wide}")
                other = c(f"mul i64 {rows[r]}, %step")
                for j in range(COLUMNS):
                    value = c(f"sitofp {_I} {found[r * COLUMNS + j]} to {_F}")
                    value = c(f"fmul {_F} {value}, {scales[r]}")
                    beside = c.load(_F, c.at("float", "%beside", other, column, j * LANES))
                    c.store(_F, c.least(c.fma(beside, shares[r], value), floor),
                            c.at("float", "%out", start, column, j * LANES))

        c.loop("%blocks", block)

    c.loop("%tiles", tile)
    return c.text()


def _sums() -> str:
    """`sums`: see `Sums`."""
    c = _Code("sums", "ptr %rows, i64 %blocks, ptr %runs, i64 %count, i64 %each, ptr %gain, ptr %out")
    some = LANES * _SUMMED
    wide = c(f"mul i64 %blocks, {some}")

    def row(i: str) -> None:
        runs = c.at("i64", "%runs", c(f"mul i64 {c(f'mul i64 {i}, %each')}, 2"))
        target = c.at("float", "%out", c(f"mul i64 {i}, {wide}"))

        def block(k: str) -> None:
            column = c(f"mul i64 {k}, {some}")

            def run(e: str, *sums: str) -> list[str]:
                at = c(f"mul i64 {e}, 2")
                start, stop = (c.load("i64", c.at("i64", runs, at, j)) for j in range(2))
                forth = c(f"icmp sle i64 {start}, {stop}")
                low = c(f"select i1 {forth}, i64 {start}, i64 {stop}")
                high = c(f"select i1 {forth}, i64 {stop}, i64 {start}")
                sign = c.spread("float", c(f"select i1 {forth}, float 1.0, float -1.0"))

                def add(m: str, *sums: str) -> list[str]:
                    source = c.at("float", "%rows", c(f"mul i64 {c(f'add i64 {low}, {m}')}, {wide}"), column)
                    return [c.fma(c.load(_F, c.at("float", source, j * LANES)), sign, total)
                            for j, total in enumerate(sums)]

                return c.loop(c(f"sub i64 {high}, {low}"), add, *((_F, total) for total in sums))

            found = c.loop("%each", run, *[(_F, _ZERO)] * _SUMMED)
            for j, total in enumerate(found):
                gain = c.load(_F, c.at("float", "%gain", column, j * LANES))
                c.store(_F, c(f"fmul {_F} {total}, {gain}"), c.at("float", target, column, j * LANES))

        c.loop("%blocks", block)

    c.loop("%count", row)
    return c.text()


def _halves() -> str:
    """`halves`: `count` times LANES numbers of single precision as such of half precision."""
    c = _Code("halves", "ptr %rows, i64 %count, ptr %out")

    def chunk(k: str) -> None:
        at = c(f"mul i64 {k}, {LANES}")
        value = c(f"fptrunc {_F} {c.load(_F, c.at('float', '%rows', at))} to <{LANES} x half>")
        c.store(f"<{LANES} x half>", value, c.at("half", "%out", at))

    c.loop("%count", chunk)
    return c.text()


@cache
def compiled(orders: tuple[tuple[int, int], ...], width: int, embedding: int, eps: float) -> Any:
    """The functions as machine code, and the engine that must outlive them."""
    (features, dense, sums, halves), engine = functions(
        "\n".join([_DECLARED, _features(orders, width, embedding, eps), _dense(), _sums(), _halves()]),
        {"features": (POINTER, INTEGER, POINTER, INTEGER, *[POINTER] * 11),
         "dense": (POINTER, INTEGER, SINGLE, INTEGER, INTEGER, POINTER, INTEGER, SINGLE, POINTER, POINTER, INTEGER,
                   POINTER, SINGLE, POINTER),
         "sums": (POINTER, INTEGER, POINTER, INTEGER, INTEGER, POINTER, POINTER),
         "halves": (POINTER, INTEGER, POINTER)})
    return features, dense, sums, halves, engine


def available() -> bool:
    """Whether llvmlite is installed and the processor has what the functions need."""
    here = processor()
    return here is not None and here[0] == "x86_64" and here[1] >= {"avx512f", "avx512bw", "avx512vl", "avx512vnni"}


def as_whole(weights: np.ndarray) -> tuple[np.ndarray, float]:
    """As `whole`; raises ValueError where the array is no multiple of 8-bit integers."""
    found = whole(weights)
    if found is None:
        raise ValueError("the weights are not multiples of 8-bit integers")
    return found


def whole(weights: np.ndarray) -> tuple[np.ndarray, float] | None:
    """An array as 8-bit integers and their scale; None where it is not a multiple of them."""
    scale = float(np.abs(weights).max()) / 127
    rounded = np.rint(weights / scale)
    if np.abs(rounded * scale - weights).max() > 1e-3 * scale:
        return None
    return rounded.astype(np.int8), scale


class Dense:
    """A matrix product `x @ weights`, weights of shape (depth, wide), both multiples of 64; x rounded to 14 bits."""

    def __init__(self, dense: Callable[..., object], weights: np.ndarray):
        integers, self._scale = as_whole(weights)
        self._dense, (self._depth, self._wide) = dense, weights.shape
        blocks = integers.astype(np.int16).reshape(self._depth // 2, 2, self._wide // WIDE, COLUMNS, LANES)
        self._packed = np.ascontiguousarray(blocks.transpose(2, 0, 3, 4, 1))

    def __call__(self, rows: np.ndarray, *, rectified: bool = False, beside: np.ndarray | None = None,
                 shares: np.ndarray | None = None, floor: float = -np.inf) -> np.ndarray:
        """The product, float32 of shape (len(rows), wide), at least `floor`.

        `rectified` takes what is negative in `rows` as 0. `beside` is added, a row to each, or the same row to all by
        `shares`, float32.
        """
        tiles = -(-len(rows) // TILE)
        size = tiles * TILE
        if len(rows) % TILE or rows.dtype != np.float32 or rows.strides[1] != 4:
            rows, given = np.zeros((size, self._depth), np.float32), rows
            rows[:len(given)] = given
        else:
            given = rows
        step = 0
        if beside is None:
            beside, shares = np.zeros(self._wide, np.float32), np.zeros(size, np.float32)
        elif shares is None:
            step = beside.strides[0] // 4
            shares = np.ones(size, np.float32)
        if len(beside) < size and step or len(shares) < size:
            raise ValueError(f"{len(beside)} rows and {len(shares)} shares beside {size}")
        out = np.empty((size, self._wide), np.float32)
        words = np.empty(TILE * self._depth, np.int16)
        if tiles:
            self._dense(rows.ctypes.data, rows.strides[0] // 4, 0.0 if rectified else -np.inf, tiles, self._depth,
                        self._packed.ctypes.data, self._wide // WIDE, self._scale, words.ctypes.data,
                        beside.ctypes.data, step, shares.ctypes.data, floor, out.ctypes.data)
        return out[:len(given)]


class Sums:
    """Sums of runs of rows, see `network.sum_runs`, each times `gain`, whose size is a multiple of 128."""

    def __init__(self, sums: Callable[..., object], gain: np.ndarray):
        self._sums, self._gain = sums, np.ascontiguousarray(gain, np.float32)

    def __call__(self, rows: np.ndarray, runs: np.ndarray) -> np.ndarray:
        """The sums, with rows of zeros after them until there are whole tiles."""
        rows, runs = np.ascontiguousarray(rows, np.float32), np.ascontiguousarray(runs, np.int64)
        out = np.empty((-(-len(runs) // TILE) * TILE, len(self._gain)), np.float32)
        out[len(runs):] = 0
        self._sums(rows.ctypes.data, len(self._gain) // (LANES * _SUMMED), runs.ctypes.data, len(runs), runs.shape[1],
                   self._gain.ctypes.data, out.ctypes.data)
        return out


def halves(function: Callable[..., object], rows: np.ndarray) -> np.ndarray:
    """Rows of single precision, each a multiple of LANES numbers, in half precision: several times sooner than NumPy."""
    rows = np.ascontiguousarray(rows, np.float32)
    out = np.empty(rows.shape, np.float16)
    function(rows.ctypes.data, rows.size // LANES, out.ctypes.data)
    return out
