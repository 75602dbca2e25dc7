"""Reviews, corpora and uploads as folders on the disk; a file there is always whole.

A review is a folder of its own: `meta.json` (title, names of the files, state), the two files as `ar.EXT` and `en.EXT`,
`page.json` (what the page shows), `corrections.json` (what the reviewer made of it) and `versions/`.
"""

import contextlib
import json
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..files import open_output

SIDES = ("ar", "en")
_ID = re.compile("[0-9a-f]{16}")
_SUFFIX = re.compile(r"(\.[a-z0-9]{1,8}){1,2}$")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
MOST_VERSIONS = 50


class Missing(InputError):
    """There is no such review, corpus or upload."""


class Conflict(Exception):
    """Another window has saved meanwhile; `revision` is what stands on the disk now."""

    def __init__(self, revision: int) -> None:
        super().__init__(f"revision {revision} stands there now")
        self.revision = revision


def shown_name(name: str) -> str:
    """The last part of a file's name as it was given, for the eye alone: no path, no control, at most 120 characters."""
    return _UNSEEN.sub("", re.split(r"[\\/]", name)[-1]).strip()[:120] or "unnamed"


def suffix_of(name: str) -> str:
    """The ending that tells a file's format, `.txt` where there is none; nothing else of a name reaches the disk."""
    found = _SUFFIX.search(shown_name(name).lower())
    if found is None:
        return ".txt"
    parts = found[0].split(".")[1:]
    packed = len(parts) == 2 and parts[1] in ("gz", "xz", "zst")
    return f".{parts[0]}.{parts[1]}" if packed else f".{parts[-1]}"


def write_json(path: Path, value: Any) -> None:
    """Write a file of JSON, whole or not at all, through to the disk."""
    with open_output(path, force=True) as stream:
        json.dump(value, stream, ensure_ascii=True, separators=(",", ":"))


class Store:
    """The studio's folder."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # the texts are the user's own affair
        for name in ("reviews", "corpora", "uploads"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._locks: dict[str, threading.RLock] = {}
        self._guard = threading.Lock()

    def token(self) -> str:
        """The secret part of all addresses, the same after a new start, so that open windows go on; for this user's
        eyes alone."""
        path = self.folder / "token"
        with contextlib.suppress(OSError):
            found = path.read_text("ascii").strip()
            if re.fullmatch("[A-Za-z0-9_-]{32,64}", found):
                return found
        token = secrets.token_urlsafe(32)
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(token)
        return token

    def port(self) -> int:
        """The port on which a studio on this folder was opened last, 0 before the first time."""
        try:
            return int((self.folder / "port").read_text("ascii"))
        except (OSError, ValueError):
            return 0

    def opened(self, port: int) -> None:
        """Keep the port on which the studio answers, for the next start to look there."""
        with open_output(self.folder / "port", force=True) as stream:
            stream.write(str(port))

    @contextlib.contextmanager
    def locked(self, id: str) -> Iterator[None]:
        """Nobody else of this process changes the review meanwhile."""
        with self._guard:
            lock = self._locks.setdefault(id, threading.RLock())
        with lock:
            yield

    # Folders

    def make(self, kind: str) -> tuple[str, Path]:
        """A new folder of a kind, and its name."""
        id = secrets.token_hex(8)
        path = self.folder / kind / id
        path.mkdir()
        return id, path

    def path(self, kind: str, id: str) -> Path:
        """A folder that is there; raises Missing."""
        path = self.folder / kind / id
        if not _ID.fullmatch(id) or not path.is_dir():
            raise Missing("this is not there any more")
        return path

    def remove(self, kind: str, id: str) -> None:
        """Take a folder away with all that is in it."""
        path = self.path(kind, id)
        gone = path.with_name(f".{id}.gone")
        os.replace(path, gone)
        shutil.rmtree(gone, ignore_errors=True)

    def sweep(self) -> None:
        """Take away what earlier starts left unfinished: uploads of a day ago; work that a stop cut short has failed."""
        for path in (self.folder / "uploads").iterdir():
            if time.time() - path.stat().st_mtime > 86400:
                shutil.rmtree(path, ignore_errors=True)
        for kind in ("reviews", "corpora"):
            for path in (self.folder / kind).glob(".*.gone"):
                shutil.rmtree(path, ignore_errors=True)
            for meta in self.all(kind):
                if meta["state"] in ("waiting", "running"):
                    self.note(kind, meta["id"], state="failed", error="stopped before it was done; start it again")

    # What is known of a review or a corpus

    def meta(self, kind: str, id: str) -> dict[str, Any]:
        """What is known of it; raises Missing."""
        try:
            return json.loads((self.path(kind, id) / "meta.json").read_text("utf-8"))
        except (OSError, ValueError):
            raise Missing("this is not there any more") from None

    def note(self, kind: str, id: str, **changes: Any) -> dict[str, Any]:
        """Change or begin what is known of it."""
        with self.locked(id):
            path = self.path(kind, id) / "meta.json"
            known = json.loads(path.read_text("utf-8")) if path.exists() else {"id": id, "created": time.time()}
            known |= changes
            write_json(path, known)
            return known

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Everything of a kind, the latest first."""
        found = []
        for path in (self.folder / kind).iterdir():
            with contextlib.suppress(Missing):
                if _ID.fullmatch(path.name):
                    found.append(self.meta(kind, path.name))
        return sorted(found, key=lambda meta: -meta.get("updated", meta["created"]))

    def file(self, id: str, side: str) -> Path:
        """The file of one side of a review."""
        return self.path("reviews", id) / f"{side}{self.meta('reviews', id)['suffixes'][side]}"

    # What a reviewer has saved

    def corrections(self, id: str) -> tuple[int, dict[str, Any] | None]:
        """The number of the last save and what was saved; 0 and None before the first one."""
        path = self.path("reviews", id) / "corrections.json"
        if not path.exists():
            return 0, None
        held = json.loads(path.read_text("utf-8"))
        return held["revision"], held["record"]

    def save(self, id: str, record: dict[str, Any], revision: int, window: str) -> int:
        """Save what a window made on top of `revision`; returns the new number.

        Raises Conflict where another window has saved meanwhile: what was to be saved is then among the versions. What
        another window saved before is kept there too.
        """
        with self.locked(id):
            path = self.path("reviews", id) / "corrections.json"
            held: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {"revision": 0, "window": window}
            if held["revision"] != revision:
                self._keep(id, {"revision": revision, "window": window, "record": record, "time": time.time()},
                           f"{revision:06d}-{window}")
                raise Conflict(held["revision"])
            if held["window"] != window:
                self._keep(id, held, f"{revision:06d}-{held['window']}")
            write_json(path, {"revision": revision + 1, "window": window, "record": record, "time": time.time()})
            self.note("reviews", id, updated=time.time(), counts=counts(record))
            return revision + 1

    def _keep(self, id: str, held: dict[str, Any], name: str) -> None:
        folder = self.path("reviews", id) / "versions"
        folder.mkdir(exist_ok=True)
        write_json(folder / f"{name}.json", held)
        kept = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for path in kept[:-MOST_VERSIONS]:
            path.unlink(missing_ok=True)

    def versions(self, id: str) -> list[dict[str, Any]]:
        """Earlier states that windows left, the latest first: name, time, counts."""
        folder = self.path("reviews", id) / "versions"
        found = []
        for path in folder.glob("*.json"):
            held = json.loads(path.read_text("utf-8"))
            found.append({"name": path.stem, "time": held["time"], **counts(held["record"])})
        return sorted(found, key=lambda one: -one["time"])

    def version(self, id: str, name: str) -> dict[str, Any]:
        """What an earlier state holds; raises Missing."""
        if not re.fullmatch("[0-9]{6}-[0-9a-f]{8,32}", name):
            raise Missing("this version is not there any more")
        try:
            return json.loads((self.path("reviews", id) / "versions" / f"{name}.json").read_text("utf-8"))["record"]
        except OSError:
            raise Missing("this version is not there any more") from None


def counts(record: dict[str, Any]) -> dict[str, int]:
    """How far a review is: beads and those that a person has accepted or made, findings that were decided."""
    beads, flags = record["beads"], record["flags"]
    decided = {flag.get("finding", k) for k, flag in enumerate(flags) if flag.get("state", "open") != "open"}
    return {
        "beads": len(beads),
        "reviewed": sum(bool(bead["accepted"] or bead["edited"]) for bead in beads),
        "flags": len(flags),
        "decided": len(decided),
    }
