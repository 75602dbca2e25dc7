"""The package `align` under the name of its distribution: the same modules, not copies of them."""

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import align

_MAIN = Path(__file__).with_name("__main__.py")


class _Same(Loader):
    """Gives a module of `align` for one of `muwazi`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module of `align`."""
        module = importlib.import_module(self.name)
        self.spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is left to run; the module keeps its own name."""
        module.__spec__ = self.spec


class _Finder(MetaPathFinder):
    """Finds `muwazi.X` as `align.X`."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """A spec whose module is that of `align`; that of a program to run is the program's own."""
        if not name.startswith("muwazi."):
            return None
        real = "align" + name[len("muwazi"):]
        if name == "muwazi.__main__":
            return importlib.util.spec_from_file_location(name, _MAIN)
        found = importlib.util.find_spec(real)
        if found is None:
            return None
        return importlib.util.spec_from_loader(name, _Same(real), is_package=found.submodule_search_locations is not None)


sys.meta_path.insert(0, _Finder())
sys.modules["muwazi"] = align
