"""The studio's addresses, on this machine alone.

Every address begins with a secret token; a request needs the right host, no foreign origin, and no fetch that another
site began. Answers forbid frames, foreign scripts and every request but to the studio itself. Names of files are only
shown, never used as paths; bodies are read in pieces and refused beyond a limit.
"""

import asyncio
import contextlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Callable
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from .. import __version__
from ..errors import FormatError, InputError, LanguageError, MuwaziError
from ..report import parse_corrections
from ..report.page import dumped, hash_of, page_of, words
from . import outputs
from .store import SIDES, Conflict, Missing, Store, shown_name, suffix_of, write_json
from .work import Worker, corpus_rows, new_review, open_document

MOST_BYTES = 256 << 20
"""Of one file."""
MOST_TOGETHER = 2 << 30
"""Of all files of one upload."""
MOST_FILES = 5000
"""Of one side of an upload."""
MOST_JSON = 64 << 20
_PARTS = Path(__file__).resolve().parent / "parts"
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
]
_ASKS = "x-muwazi"
"""A header that a page of another origin could send only after asking, which is never granted."""


class Refused(MuwaziError):
    """A request that breaks a limit; `code` is the answer's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Guard:
    """Lets through what this machine's own pages ask: right host, token, no foreign origin."""

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self.app, self.token = app, token
        self.hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 or 404, or hand on the request without its token."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        refused = self._refused(scope)
        if refused:
            await Response(refused[1] + "\n", refused[0], media_type="text/plain")(scope, receive, partial(_with_headers, send))
            return
        _, _, rest = scope["path"][1:].partition("/")
        inner = dict(scope, path="/" + rest, raw_path=("/" + rest).encode())
        await self.app(inner, receive, partial(_with_headers, send))

    def _refused(self, scope: Scope) -> tuple[int, str] | None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get("host", "")
        if host not in self.hosts:
            return 403, "this page answers on the loopback address of its machine alone"
        origin = headers.get("origin")
        if origin is not None and origin != f"http://{host}":
            return 403, "another origin asks"
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return 403, "another site asks"
        token, _, _ = scope["path"][1:].partition("/")
        if not secrets.compare_digest(token.encode("utf-8", "replace"), self.token.encode()):
            return 404, "open the address that muwazi studio has shown"
        if scope["method"] not in ("GET", "HEAD") and _ASKS not in headers:
            return 403, "no page of the studio asks"
        return None


async def _with_headers(send: Send, message: Any) -> None:
    if message["type"] == "http.response.start":
        message["headers"] = [*message["headers"], *_HEADERS]
    await send(message)


def make_app(store: Store, token: str, port: int, stop: Callable[[], None] = lambda: None) -> ASGIApp:
    """The studio as an ASGI application that answers on `port` of the loopback addresses, behind `token`; `stop` ends the
    server when a person asks for it."""
    store.sweep()
    worker = Worker(store)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        worker.stop()

    handlers = Handlers(store, worker, stop)
    app = Starlette(routes=handlers.routes(), lifespan=lifespan, exception_handlers={MuwaziError: _told, Exception: _broken})
    return Guard(app, token, port)


async def _told(_: Request, error: Exception) -> Response:
    code = 404 if isinstance(error, Missing) else getattr(error, "code", 400)
    return JSONResponse({"error": str(error)}, code)


async def _broken(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": f"something went wrong ({type(error).__name__})"}, 500)


class Handlers:
    """What each address does."""

    def __init__(self, store: Store, worker: Worker, stop: Callable[[], None]) -> None:
        self.store, self.worker, self._stop = store, worker, stop

    def routes(self) -> list[Route]:
        """All addresses."""
        return [
            Route("/", self.home),
            Route("/state", self.state),
            Route("/stop", self.stop, methods=["POST"]),
            Route("/uploads", self.begin, methods=["POST"]),
            Route("/uploads/{id}/{heap:int}/{number:int}", self.take, methods=["PUT"]),
            Route("/uploads/{id}/look", self.look, methods=["POST"]),
            Route("/uploads/{id}/start", self.start, methods=["POST"]),
            Route("/runs", self.pick, methods=["POST"]),
            Route("/corpora/{id}", self.corpus),
            Route("/corpora/{id}", self.remove_corpus, methods=["DELETE"]),
            Route("/corpora/{id}/open", self.open, methods=["POST"]),
            Route("/reviews/{id}/", self.review),
            Route("/reviews/{id}", self.remove_review, methods=["DELETE"]),
            Route("/reviews/{id}/title", self.title, methods=["PUT"]),
            Route("/reviews/{id}/again", self.again, methods=["POST"]),
            Route("/reviews/{id}/corrections", self.corrections),
            Route("/reviews/{id}/corrections", self.save, methods=["PUT"]),
            Route("/reviews/{id}/versions", self.versions),
            Route("/reviews/{id}/versions/{name}", self.version),
            Route("/reviews/{id}/realign", self.realign, methods=["POST"]),
            Route("/reviews/{id}/download/{name}", self.download),
        ]

    # Pages

    async def home(self, _: Request) -> Response:
        """The first page: drop files, earlier reviews, corpora."""
        return HTMLResponse(_home())

    async def state(self, _: Request) -> Response:
        """All reviews and corpora, and how far those are that are being aligned."""
        found = await run_in_threadpool(lambda: {kind: self.store.all(kind) for kind in ("reviews", "corpora")})
        for kind in found.values():
            for one in kind:
                one["stage"] = self.worker.progress.get(one["id"], "")
        return JSONResponse({**found, "version": __version__})

    async def stop(self, _: Request) -> Response:
        """End the studio; what is being aligned is told to have been stopped at the next start."""
        self._stop()
        return JSONResponse({})

    async def review(self, request: Request) -> Response:
        """The review page with what was saved."""
        id = request.path_params["id"]
        return HTMLResponse(await run_in_threadpool(self._review, id))

    def _review(self, id: str) -> str:
        meta = self.store.meta("reviews", id)
        path = self.store.path("reviews", id) / "page.json"
        if not path.exists():
            raise Missing("this review is not aligned yet")
        held = json.loads(path.read_text("utf-8"))
        revision, record = self.store.corrections(id)
        told = {"id": id, "revision": revision, "record": record, "downloads": list(outputs.NAMES)}
        held |= {"title": meta.get("title", ""), "studio": told, "words": _words()}
        return page_of(held, _PARTS / "review.js", "'self'")

    # From files to a review

    async def begin(self, _: Request) -> Response:
        """Begin an upload of two heaps of files, 0 and 1, one file in each or many."""
        id, _path = self.store.make("uploads")
        return JSONResponse({"id": id})

    async def take(self, request: Request) -> Response:
        """One file of an upload."""
        params = request.path_params
        heap, number = params["heap"], params["number"]
        folder = self.store.path("uploads", params["id"])
        if heap not in (0, 1) or not 0 <= number < MOST_FILES:
            raise Refused(413, f"an upload has two sides, with at most {MOST_FILES:,} files each")
        shown = shown_name(request.query_params.get("name", ""))
        target = folder / f"{heap}-{number:05d}{suffix_of(shown)}"
        size = await _stream(request, target, folder)
        await run_in_threadpool(write_json, folder / f"{heap}-{number:05d}.name", {"file": target.name, "name": shown})
        return JSONResponse({"bytes": size, "name": shown})

    async def look(self, request: Request) -> Response:
        """What the two heaps of an upload hold: names, number, language."""
        folder = self.store.path("uploads", request.path_params["id"])
        return JSONResponse({"heaps": await run_in_threadpool(lambda: [_look(folder, heap) for heap in (0, 1)])})

    async def start(self, request: Request) -> Response:
        """Align an upload: `ar` says which heap is Arabic, `check` whether the languages are looked at."""
        id = request.path_params["id"]
        asked = await _json(request)
        return JSONResponse(await run_in_threadpool(self._start, id, int(asked.get("ar", 0)), bool(asked.get("check", True))))

    def _start(self, id: str, arabic: int, check: bool) -> dict[str, str]:
        folder = self.store.path("uploads", id)
        heaps = [_files(folder, heap) for heap in ((0, 1) if arabic == 0 else (1, 0))]
        if not all(heaps):
            raise InputError("two files or two folders are needed, one for each language")
        if len(heaps[0]) == len(heaps[1]) == 1:
            files = {side: folder / heap[0]["file"] for side, heap in zip(SIDES, heaps, strict=True)}
            named = {side: heap[0]["name"] for side, heap in zip(SIDES, heaps, strict=True)}
            made = new_review(self.store, files, named, check=check, title="")
            self.worker.review(made)
            self.store.remove("uploads", id)
            return {"review": made}
        made, path = self.store.make("corpora")
        names: dict[str, dict[str, str]] = {}
        for side, heap in zip(SIDES, heaps, strict=True):
            (path / side).mkdir()
            names[side] = {}
            for one in heap:
                stored = one["file"].partition("-")[2]
                os.replace(folder / one["file"], path / side / stored)
                names[side][stored] = one["name"]
        write_json(path / "names.json", names)
        self.store.note("corpora", made, state="waiting", error="", title=time.strftime("%Y-%m-%d %H:%M"), run=str(path / "run"),
                        names=names, sizes=[len(heap) for heap in heaps])  # fmt: skip
        self.worker.corpus(made)
        shutil.rmtree(folder, ignore_errors=True)
        return {"corpus": made}

    # Corpora

    async def pick(self, request: Request) -> Response:
        """Take up the output folder of `muwazi run`."""
        folder = str((await _json(request)).get("folder", "")).strip()
        return JSONResponse(await run_in_threadpool(self._pick, folder))

    def _pick(self, folder: str) -> dict[str, str]:
        path = Path(folder).expanduser()
        if not folder or not path.is_absolute():
            raise InputError("name the run's folder with its whole path, from the root on")
        if not (path / "run.json").is_file() or not (path / "report.json").is_file():
            raise InputError(f"{folder}: is not the folder of a run that has ended")
        try:
            report = json.loads((path / "report.json").read_text("utf-8"))
            langs, documents = tuple(report["langs"]), report["total"]["documents"]
        except (OSError, ValueError, KeyError, TypeError):
            raise FormatError(f"{folder}: its report.json is not one of a run") from None
        if langs != SIDES:
            raise InputError("the studio takes runs of Arabic and English")
        for known in self.store.all("corpora"):
            if known["run"] == str(path):
                return {"corpus": known["id"]}
        made, _ = self.store.make("corpora")
        self.store.note("corpora", made, state="done", error="", title=path.name, run=str(path), sizes=[documents, documents])
        return {"corpus": made}

    async def corpus(self, request: Request) -> Response:
        """The table of a corpus."""
        id = request.path_params["id"]
        meta = self.store.meta("corpora", id)
        return JSONResponse({"title": meta["title"], "rows": await run_in_threadpool(corpus_rows, self.store, id)})

    async def open(self, request: Request) -> Response:
        """A review of one of a corpus's documents."""
        id = request.path_params["id"]
        document = str((await _json(request)).get("document", ""))

        def work() -> str:
            known = next((one["id"] for one in self.store.all("reviews")
                          if one.get("corpus") == id and one.get("document") == document), None)  # fmt: skip
            if known is not None:
                return known
            made = open_document(self.store, id, document)
            self.worker.review(made)
            return made

        return JSONResponse({"review": await run_in_threadpool(work)})

    async def remove_corpus(self, request: Request) -> Response:
        """Forget a corpus; the folder of a run that was picked stays."""
        await run_in_threadpool(self.store.remove, "corpora", request.path_params["id"])
        return JSONResponse({})

    # A review

    async def remove_review(self, request: Request) -> Response:
        """Take a review away."""
        await run_in_threadpool(self.store.remove, "reviews", request.path_params["id"])
        return JSONResponse({})

    async def title(self, request: Request) -> Response:
        """Give a review a title."""
        title = shown_name(str((await _json(request)).get("title", "")).replace("/", "∕").replace("\\", "∖"))
        self.store.note("reviews", self._id(request), title="" if title == "unnamed" else title)
        return JSONResponse({})

    async def again(self, request: Request) -> Response:
        """Align a review that failed once more, now without a look at the languages."""
        id = self._id(request)
        if self.store.meta("reviews", id)["state"] != "failed":
            raise Refused(409, "this review has not failed")
        self.store.note("reviews", id, check=False)
        self.worker.review(id)
        return JSONResponse({})

    def _id(self, request: Request) -> str:
        id = request.path_params["id"]
        self.store.path("reviews", id)
        return id

    async def corrections(self, request: Request) -> Response:
        """What was saved last; with `after` only if that is newer."""
        revision, record = await run_in_threadpool(self.store.corrections, self._id(request))
        after = request.query_params.get("after", "")
        is_new = not (after.isdigit() and int(after) >= revision)
        return JSONResponse({"revision": revision, "record": record if is_new else None})

    async def save(self, request: Request) -> Response:
        """Save on top of the revision in If-Match; 409 where another window was first, and then both are kept."""
        id = self._id(request)
        record = await _json(request)
        revision, window = request.headers.get("if-match", ""), request.headers.get("x-window", "")
        if not revision.isdigit() or not re.fullmatch("[0-9a-f]{8,32}", window):
            raise Refused(428, "a save says which revision it stands on")
        await run_in_threadpool(self._check, id, record)
        try:
            made = await run_in_threadpool(self.store.save, id, record, int(revision), window)
        except Conflict as conflict:
            return JSONResponse({"revision": conflict.revision}, 409)
        return JSONResponse({"revision": made})

    def _check(self, id: str, record: Any) -> None:
        parse_corrections(record, "the review")
        held = json.loads((self.store.path("reviews", id) / "page.json").read_text("utf-8"))
        for side, known in zip(SIDES, held["sides"], strict=True):
            if record["texts"][side]["digest"] != known["digest"]:
                raise FormatError("these corrections are of other texts")

    async def versions(self, request: Request) -> Response:
        """Earlier states."""
        return JSONResponse({"versions": await run_in_threadpool(self.store.versions, self._id(request))})

    async def version(self, request: Request) -> Response:
        """One of them."""
        found = await run_in_threadpool(self.store.version, self._id(request), request.path_params["name"])
        return JSONResponse({"record": found})

    async def realign(self, request: Request) -> Response:
        """Beads and flags, aligned again behind a bead."""
        id = self._id(request)
        asked = await _json(request)
        record, at = asked.get("record"), asked.get("at")
        if not isinstance(at, int):
            raise Refused(400, "no bead is named")
        await run_in_threadpool(self._check, id, record)
        return JSONResponse(await asyncio.wrap_future(self.worker.realign(id, record, at)))

    async def download(self, request: Request) -> Response:
        """A file of the review as it was saved last."""
        id, name = self._id(request), request.path_params["name"]
        data, kind = await run_in_threadpool(outputs.made, self.store, id, name)
        names = self.store.meta("reviews", id)["names"]
        stem = "-".join(re.sub(r"[^\w-]+", "-", Path(shown_name(names[side])).stem)[:60] or "text" for side in SIDES)
        return Response(data, media_type=kind, headers={
            "content-disposition": f"attachment; filename=\"review.{name}\"; filename*=UTF-8''{quote(f'{stem}.{name}')}",
            "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        })  # fmt: skip


async def _stream(request: Request, target: Path, folder: Path) -> int:
    """Write a request's body to a file, as it comes; beyond the limits nothing of it is left."""
    size = 0
    left = MOST_TOGETHER - sum(path.stat().st_size for path in folder.iterdir())
    draft = target.with_name(f".{target.name}.part")
    try:
        with await run_in_threadpool(open, draft, "wb") as stream:
            async for piece in request.stream():
                size += len(piece)
                if size > min(MOST_BYTES, left):
                    raise Refused(413, f"the file is larger than {min(MOST_BYTES, left) >> 20} MiB")
                await run_in_threadpool(stream.write, piece)
        os.replace(draft, target)
    except ClientDisconnect:
        raise Refused(400, "the file did not come whole") from None
    finally:
        draft.unlink(missing_ok=True)
    return size


async def _json(request: Request) -> Any:
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > MOST_JSON:
            raise Refused(413, f"this is larger than {MOST_JSON >> 20} MiB")
        pieces.append(piece)
    try:
        found = json.loads(b"".join(pieces).decode("utf-8", "strict"))
    except (ValueError, RecursionError):
        raise Refused(400, "this is not JSON") from None
    if not isinstance(found, dict):
        raise Refused(400, "this is not a JSON object")
    return found


def _files(folder: Path, heap: int) -> list[dict[str, str]]:
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob(f"{heap}-*.name"))]


def _look(folder: Path, heap: int) -> dict[str, Any]:
    """What a heap holds; its language is that of its first readable file, empty where that is neither."""
    from ..read import language_of, read

    files = _files(folder, heap)
    told: dict[str, Any] = {"files": len(files), "names": [one["name"] for one in files[:3]],
                            "language": "", "start": "", "error": ""}  # fmt: skip
    for one in files[:5]:
        try:
            document = read(folder / one["file"], "ar")
            told["start"] = " ".join(document.text[:200].split())
            told["language"] = language_of(document)
            told["error"] = ""
            break
        except LanguageError:
            told["error"] = ""
        except MuwaziError as error:
            told["error"] = str(error).replace(str(folder / one["file"]), one["name"])
    return told


@cache
def _words() -> dict[str, Any]:
    own = json.loads((_PARTS / "ar.json").read_text("utf-8"))
    return {"ar": {**words()["ar"], **own}}


@cache
def _home() -> str:
    report = Path(__file__).resolve().parent.parent / "report" / "parts"
    style = (report / "style.css").read_text("utf-8") + (_PARTS / "home.css").read_text("utf-8")
    parts = [(report / "words.js").read_text("utf-8"), (_PARTS / "home.js").read_text("utf-8")]
    script = '"use strict";\n(() => {\n' + "".join(parts) + "})();\n"
    policy = (f"default-src 'none'; script-src '{hash_of(script)}'; style-src '{hash_of(style)}'; img-src data:; "
              "connect-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'")  # fmt: skip
    data = dumped({"words": _words()})
    slots = {"policy": policy, "style": style, "script": script, "data": data, "version": __version__}
    return re.sub(r"\{\{(\w+)\}\}", lambda match: slots[match[1]], (_PARTS / "home.html").read_text("utf-8"))
