"""Any sentence-transformers model, by name or local path, as an encoder."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import EncoderError, MissingExtra
from .pooled import States

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_LOG = logging.getLogger(__name__)
PRECISIONS = ("auto", "float32", "float16", "bfloat16")
# Prompts of models whose own configuration names none: e5 was trained with them, for similarity with this one on both
# sides (Wang et al. 2024, "Multilingual E5 text embeddings").
_PROMPTS = {"e5": "query: "}


class Transformer:
    """A sentence-transformers model, which pools as its own configuration says; rows are made unit length here.

    `device` says which device it runs on; `model` is one that is loaded already. Raises EncoderError where the model
    cannot be found or loaded, or returns what is no vector.
    """

    def __init__(self, name: str, *, device: str = "auto", batch_size: int = 32, precision: str = "auto",
                 revision: str | None = None, prompt: str | None = None, trust_remote_code: bool = False,
                 model: SentenceTransformer | None = None):
        if precision not in PRECISIONS:
            raise EncoderError(f"unknown precision {precision}: one of {', '.join(PRECISIONS)}")
        if batch_size < 1:
            raise EncoderError(f"a batch of {batch_size} texts: at least 1")
        self.name = name
        self._batch_size = batch_size
        self._model = _load(name, device, precision, revision, trust_remote_code) if model is None else model
        self.device = str(self._model.device)
        self._prompt = _prompt(name, self._model) if prompt is None else prompt
        self.dimension = int((getattr(self._model, "get_embedding_dimension", None)
                              or self._model.get_sentence_embedding_dimension)() or 0)
        if not self.dimension:
            self.dimension = self._rows(["a"]).shape[1]
        # Of a model that was given nobody knows what it holds: no two are taken for the same.
        which = _fingerprint(name) if model is None else f"{name} {id(model)}"
        self.signature = "\n".join([which, str(revision), precision, self._prompt,
                                    self._model.device.type, str(getattr(self._model, "max_seq_length", None))])
        _LOG.info("encoder %s: %d dimensions on %s", name, self.dimension, self.device)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit rows of texts, float32 of shape (len(texts), dimension); a zero row for an empty text."""
        out = np.zeros((len(texts), self.dimension), np.float32)
        kept = [i for i, text in enumerate(texts) if text and not text.isspace()]
        if kept:
            rows = self._rows([texts[i].encode("utf-8", "replace").decode() for i in kept])
            out[kept] = unit(rows, self.dimension, self.name)
        return out

    def _rows(self, texts: list[str]) -> np.ndarray:
        return self._encoded(texts, convert_to_numpy=True).astype(np.float32)

    def _encoded(self, texts: list[str], **how: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return self._model.encode(texts, batch_size=self._batch_size, prompt=self._prompt or None,
                                          show_progress_bar=False, **how)
            except (RuntimeError, ValueError, TypeError, IndexError) as error:
                raise EncoderError(f"the model {self.name} failed on {self.device}: {_line(error)}") from None

    @cached_property
    def has_states(self) -> bool:
        """Whether a text's vector is the mean of its tokens' states, and it is known where these stand."""
        # Only fast tokenizers tell where their tokens stand.
        if not (_is_mean(self._model) and getattr(getattr(self._model, "tokenizer", None), "is_fast", False)):
            return False
        try:
            return len(self.states(["a b"])[0].ends) > 0
        except (EncoderError, TypeError, ValueError, KeyError):  # a model of modules of its own, which gives no states
            return False

    def states(self, texts: Sequence[str]) -> list[States]:
        """States of the tokens of each text, seen with the prompt and the model's marks, which have none in the result."""
        out = [States(np.zeros((0, self.dimension), np.float32), np.zeros(0, np.int64))] * len(texts)
        kept = [i for i, text in enumerate(texts) if text and not text.isspace()]
        valid = [texts[i].encode("utf-8", "replace").decode() for i in kept]
        found = self._encoded(valid, output_value="token_embeddings", convert_to_numpy=False) if kept else []
        with_prompts = [self._prompt + text for text in valid]
        places = self._model.tokenizer(with_prompts, truncation=True, max_length=self._model.max_seq_length,
                                       return_offsets_mapping=True)["offset_mapping"] if kept else []
        for i, rows, offsets in zip(kept, found, places, strict=True):
            starts, ends = np.array(offsets, np.int64).reshape(-1, 2).T
            if len(rows) != len(ends):
                raise EncoderError(f"the model {self.name} returned {len(rows)} states for {len(ends)} tokens")
            own = (ends > starts) & (ends > len(self._prompt))
            out[i] = States(rows.float().cpu().numpy()[own], ends[own] - len(self._prompt))
        return out


def _is_mean(model: SentenceTransformer) -> bool:
    """Whether a model ends in mean pooling, which nothing but bringing to unit length may follow."""
    modules = list(model)
    while modules and type(modules[-1]).__name__ == "Normalize":
        modules.pop()
    if not modules or type(modules[-1]).__name__ != "Pooling":
        return False
    # Older versions of the library tell it by a method.
    last: Any = modules[-1]
    mode = getattr(last, "pooling_mode", None) or last.get_pooling_mode_str()
    return mode == "mean"


def _fingerprint(name: str) -> str:
    """The model's name; for a folder also the sizes and times of its files, which change when it is trained on."""
    folder = Path(name).expanduser()
    if not folder.is_dir():
        return name
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return "\n".join([str(folder.resolve()), *(f"{p.name} {p.stat().st_size} {p.stat().st_mtime_ns}" for p in files)])


def unit(rows: np.ndarray, dimension: int, name: str) -> np.ndarray:
    """Rows at unit length; raises EncoderError for NaN, zero rows and a wrong dimension."""
    if rows.ndim != 2 or rows.shape[1] != dimension:
        raise EncoderError(f"the model {name} returned rows of shape {rows.shape}, not of {dimension} numbers")
    norms = np.linalg.norm(rows, axis=1)
    if not np.isfinite(norms).all():
        raise EncoderError(f"the model {name} returned NaN or infinity for {int((~np.isfinite(norms)).sum())} texts; "
                           "try --model-precision float32")
    if not norms.all():
        raise EncoderError(f"the model {name} returned zero for {int((norms == 0).sum())} texts that are not empty")
    return rows / norms[:, None]


def _prompt(name: str, model: SentenceTransformer) -> str:
    """The prompt that suits comparing sentences with sentences: the model's default, or that of its family."""
    prompts = getattr(model, "prompts", None) or {}
    if getattr(model, "default_prompt_name", None):
        return ""
    for key in ("query", "sts", "STS", "bitext", "similarity"):
        if prompts.get(key):
            return prompts[key]
    parts = Path(name).name.lower().replace("_", "-").split("-")
    return next((prompt for family, prompt in _PROMPTS.items() if family in parts and "instruct" not in parts), "")


def _line(error: BaseException) -> str:
    """The first line of an error's text."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _load(name: str, device: str, precision: str, revision: str | None, trust: bool) -> SentenceTransformer:
    """The model on its device, in its precision."""
    from .registry import E5

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quiet = logging.getLogger("huggingface_hub"), logging.getLogger("sentence_transformers")
        levels = [log.level for log in quiet]
        try:
            for log in quiet:
                log.setLevel(logging.ERROR)
            if name == E5:
                from .e5 import build

                model = build(None if device == "auto" else device)
            else:
                model = _by_name(name, device, revision, trust)
            if precision == "auto":
                # Half precision pays on accelerators; processors differ too much to guess.
                return model.half() if model.device.type == "cuda" else model
            return {"float32": model.float, "float16": model.half, "bfloat16": model.bfloat16}[precision]()
        except (EncoderError, MissingExtra):
            raise
        except ImportError as error:
            raise MissingExtra(f"the model {name} needs a package that is missing: {_line(error)}") from None
        except Exception as error:  # noqa: BLE001 - models raise whatever they like
            raise EncoderError(_why(name, error)) from None
        finally:
            for log, level in zip(quiet, levels, strict=True):
                log.setLevel(level)


def _by_name(name: str, device: str, revision: str | None, trust: bool) -> SentenceTransformer:
    folder = Path(name).expanduser()
    local = folder.is_dir()
    if not local and (folder.is_absolute() or name.startswith((".", "~")) or name.count("/") > 1):
        raise EncoderError(f"no model at {name}: not a folder")
    if local and not any((folder / f).is_file() for f in ("modules.json", "config.json")):
        raise EncoderError(f"no model at {name}: the folder has neither modules.json nor config.json")
    if not local and not _is_cached(name, revision):
        _ask_hub(name, revision)  # before PyTorch is imported for nothing
    from sentence_transformers import SentenceTransformer

    options = {"device": None if device == "auto" else device, "revision": revision, "trust_remote_code": trust}
    if local:
        return SentenceTransformer(str(folder), **options | {"trust_remote_code": trust or _ours(folder)})
    try:
        return SentenceTransformer(name, local_files_only=True, **options)
    except (OSError, ValueError):
        _ask_hub(name, revision)
        return SentenceTransformer(name, **options)


def _full_names(name: str) -> tuple[str, ...]:
    """The names under which the hub may hold a model."""
    return (name,) if "/" in name else (f"sentence-transformers/{name}", name)


def _is_cached(name: str, revision: str | None) -> bool:
    """Whether any of a model's configuration is in the hub's local cache."""
    from huggingface_hub import try_to_load_from_cache

    return any(isinstance(try_to_load_from_cache(full, file, revision=revision), str)
               for full in _full_names(name) for file in ("modules.json", "config.json"))


def _ask_hub(name: str, revision: str | None) -> None:
    """Raise EncoderError at once where the hub cannot be reached or does not know the model; loading would retry for
    more than a minute."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    unknown = False
    for full in _full_names(name):
        try:
            HfApi().model_info(full, revision=revision, timeout=20)
            return
        except GatedRepoError:
            raise EncoderError(f"cannot load the model {name}: its owner asks you to accept terms and to log in to "
                               "the model hub first") from None
        except RevisionNotFoundError:
            raise EncoderError(f"cannot load the model {name}: it has no revision {revision}") from None
        except RepositoryNotFoundError:
            unknown = True
        except Exception:  # noqa: BLE001 - whatever the network raised, the hub did not answer
            break
    reason = "the model hub does not know it" if unknown else "the model hub cannot be reached"
    raise EncoderError(f"cannot load the model {name}: it is neither a local folder nor in the local cache, and "
                       f"{reason}; `muwazi models` lists what works offline")


def _ours(folder: Path) -> bool:
    """Whether a folder holds the code of our own export and no other, byte by byte, so that running it is safe."""
    code = folder / "universal_sentence_encoder.py"
    try:
        return list(folder.glob("*.py")) == [code] and code.read_bytes() == (
            Path(__file__).parent / "sentence_module.py").read_bytes()
    except OSError:
        return False


def _why(name: str, error: BaseException) -> str:
    """One line on why a model did not load, and what to do."""
    text = str(error)
    if "trust_remote_code" in text:
        return f"cannot load the model {name}: it runs code of its own; load it in Python with trust_remote_code=True"
    return f"cannot load the model {name}: {_line(error)}"
