"""Functions in machine code, made at run time by llvmlite from text in LLVM's language, with no compiler to install.

What was made is kept in the user's cache directory: to make it takes some tenths of a second, to load it none.
"""

import contextlib
import ctypes
import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from .files import cache_folder, is_private, private_folder

POINTER, INTEGER, SINGLE = ctypes.c_void_p, ctypes.c_int64, ctypes.c_float


class Code:
    """Lines of one function in LLVM IR, in which every value gets a fresh name."""

    def __init__(self, name: str, arguments: str):
        self._lines = [f"define void @{name}({arguments}) {{", "entry:"]
        self._count = 0
        self._block = "entry"

    def __call__(self, operation: str) -> str:
        """Add an operation with a result; the result's name."""
        self._count += 1
        self._lines.append(f"  %v{self._count} = {operation}")
        return f"%v{self._count}"

    def do(self, operation: str) -> None:
        """Add an operation without a result."""
        self._lines.append(f"  {operation}")

    def loop(self, count: str, body: Callable[..., Sequence[str] | None], *carried: tuple[str, str]) -> list[str]:
        """Repeat `body(index, *values)` `count` times, or never; (type, value) pairs are carried along."""
        some = self(f"icmp sgt i64 {count}, 0")
        self._count += 1
        n, before = self._count, self._block
        self.do(f"br i1 {some}, label %loop{n}, label %exit{n}")
        self._lines.append(f"loop{n}:")
        self._block = f"loop{n}"
        place = len(self._lines)
        values = [f"%c{n}.{i}" for i in range(len(carried))]
        self._lines += [""] * (1 + len(carried))
        results = list(body(f"%i{n}", *values) or ())
        following = self(f"add i64 %i{n}, 1")
        again = self(f"icmp slt i64 {following}, {count}")
        last = self._block
        self.do(f"br i1 {again}, label %loop{n}, label %exit{n}")
        self._lines[place] = f"  %i{n} = phi i64 [0, %{before}], [{following}, %{last}]"
        self._lines.append(f"exit{n}:")
        self._block = f"exit{n}"
        found = []
        for i, ((kind, start), result) in enumerate(zip(carried, results, strict=True)):
            choice = f"phi {kind} [{start}, %{before}], [{result}, %{last}]"
            self._lines[place + 1 + i] = f"  {values[i]} = {choice}"
            found.append(self(choice))
        return found

    def at(self, kind: str, base: str, *offsets: str | int) -> str:
        """The address of element `sum(offsets)` of an array of `kind`."""
        for offset in offsets:
            if offset != 0:
                base = self(f"getelementptr {kind}, ptr {base}, i64 {offset}")
        return base

    def all_lanes(self, lanes: int, kind: str, value: str) -> str:
        """A vector of one value."""
        first = self(f"insertelement <{lanes} x {kind}> poison, {kind} {value}, i32 0")
        return self(f"shufflevector <{lanes} x {kind}> {first}, <{lanes} x {kind}> poison, "
                    f"<{lanes} x i32> zeroinitializer")

    def load(self, kind: str, address: str) -> str:
        """The value at an address, which need not be aligned."""
        return self(f"load {kind}, ptr {address}, align 1")

    def store(self, kind: str, value: str, address: str) -> None:
        """Put a value at an address, which need not be aligned."""
        self.do(f"store {kind} {value}, ptr {address}, align 1")

    def text(self) -> str:
        """The function."""
        return "\n".join([*self._lines, "  ret void", "}"])


def single(value: float) -> str:
    """A single-precision constant as LLVM writes it."""
    return "0x" + np.float64(np.float32(value)).tobytes()[::-1].hex()


@cache
def processor() -> tuple[str, frozenset[str]] | None:
    """The processor's family and its features by LLVM's names; None where nothing can be compiled."""
    try:
        import llvmlite.binding as llvm

        has = llvm.get_host_cpu_features()
        return llvm.get_process_triple().partition("-")[0], frozenset(name for name, there in has.items() if there)
    except (ImportError, OSError, RuntimeError):
        return None


def functions(text: str, arguments: dict[str, Sequence[type]]) -> tuple[list[Callable[..., Any]], object]:
    """The functions of a module by the types of their arguments, and the engine that must outlive them.

    Calls let other threads run. Raises RuntimeError for text that is no module.
    """
    import llvmlite
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    # Code that names an instruction needs the assembler's parser.
    llvm.initialize_native_asmparser()
    name, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    machine = llvm.Target.from_default_triple().create_target_machine(opt=3, cpu=name, features=features)
    module = llvm.parse_assembly(text)
    module.verify()
    engine = llvm.create_mcjit_compiler(module, machine)
    kept = _Kept("\n".join([text, name, features, ".".join(map(str, llvm.llvm_version_info)), llvmlite.__version__]))
    engine.set_object_cache(kept.put, kept.get)
    engine.finalize_object()
    return [ctypes.CFUNCTYPE(None, *types)(engine.get_function_address(name))
            for name, types in arguments.items()], engine


class _Kept:
    """Machine code in a file of its own, by what it was made from; a cache that fails is as if there were none."""

    def __init__(self, source: str):
        self._name = hashlib.sha256(source.encode()).hexdigest()

    def get(self, _module: object) -> bytes | None:
        """The code as it was put, if it is whole."""
        with contextlib.suppress(OSError):
            path = private_folder(cache_folder("code")) / self._name
            # What another user could have written there must not be run.
            with open(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
                data = file.read() if is_private(os.fstat(file.fileno())) else b""
            digest, code = data[:32], data[32:]
            if self._digest(code) == digest:
                return code
        return None

    def _digest(self, code: bytes) -> bytes:
        """Of the code and of what it was made from, so that no code answers for other code."""
        return hashlib.sha256(self._name.encode() + code).digest()

    def put(self, _module: object, code: bytes) -> None:
        """Keep the code for the next process."""
        with contextlib.suppress(OSError):
            where = private_folder(cache_folder("code"))
            draft, path = tempfile.mkstemp(dir=where)
            try:
                with os.fdopen(draft, "wb") as file:
                    file.write(self._digest(code) + code)
                os.replace(path, where / self._name)
            except OSError:
                os.unlink(path)
                raise
