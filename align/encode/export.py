"""The embedded model as a folder for sentence-transformers."""

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import shipped
from ..errors import OutputError
from .network import ORDERS
from .weights import resources, weights

if TYPE_CHECKING:
    from .sentence_module import UniversalSentenceEncoder


def export_model(folder: str | Path, *, force: bool = False) -> Path:
    """Write the embedded model so that `SentenceTransformer(folder, trust_remote_code=True)` loads it.

    The folder appears whole or not at all. Raises OutputError where it exists (without `force`) or cannot be written.
    """
    folder = Path(folder)
    if folder.exists() and not force and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder} exists: choose another folder or pass --force")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            _write(made)
            made.chmod(0o777 & ~_umask())
            if folder.is_dir():
                shutil.rmtree(folder)
            elif folder.exists():
                folder.unlink()
            made.replace(folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}") from None
    return folder


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _write(folder: Path) -> None:
    """Weights, tokenizer, code, configuration and card into `folder`."""
    build_module().save(str(folder))
    modules = [{"idx": 0, "name": "0", "path": "", "type": "universal_sentence_encoder.UniversalSentenceEncoder"}]
    settings: dict[str, object] = {"prompts": {}, "default_prompt_name": None, "similarity_fn_name": "cosine"}
    for name, value in (("modules", modules), ("config_sentence_transformers", settings)):
        (folder / f"{name}.json").write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
    card = shipped.folder("models") / "universal-sentence-encoder-multilingual" / "README.md"
    head = ("---\nlicense: apache-2.0\nlibrary_name: sentence-transformers\npipeline_tag: sentence-similarity\n"
            "language: [ar, en, de, es, fr, it, ja, ko, nl, pl, pt, ru, th, tr, zh]\n---\n\n"
            "```python\nfrom sentence_transformers import SentenceTransformer\n\n"
            "model = SentenceTransformer(\"PATH\", trust_remote_code=True)\n```\n\n")
    (folder / "README.md").write_text(head + card.read_text(encoding="utf-8"), encoding="utf-8")


def build_module() -> "UniversalSentenceEncoder":
    """The embedded model as a torch module, from the packaged weights."""
    import torch

    from .sentence_module import UniversalSentenceEncoder

    w = weights()
    table = w.whole_table()
    module = UniversalSentenceEncoder(len(table), (resources() / "sp.model").read_bytes())

    def tensor(array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(np.array(array))

    def side(names: str) -> np.ndarray:
        return np.concatenate([w.dense(names.format(n)) for n, _ in ORDERS], axis=-1)

    state = {
        "table": tensor(table), "scale": tensor(w.dense("scale")), "low": tensor(w.dense("lo")),
        "projection.weight": tensor(side("proj{}").T), "projection.bias": tensor(side("proj_b{}")),
        "inner_norm.weight": tensor(side("ln_g{}")), "inner_norm.bias": tensor(side("ln_b{}")),
        "norm.weight": tensor(w.dense("ln_g")), "norm.bias": tensor(w.dense("ln_b")),
        "output.weight": tensor(w.dense("cnn_W").T), "output.bias": tensor(w.dense("cnn_b")),
        **{f"{name}.weight": tensor(w.dense(name).T) for name in ("d0", "d1", "d2", "d3", "p1", "p3")},
    }
    for i, (n, _) in enumerate(ORDERS):
        for layer, number in (("first", 1), ("second", 2)):
            # (place, input, output) to (output, input, place).
            state[f"{layer}.{i}.weight"] = tensor(w.dense(f"w{number}_{n}").reshape(n, 256, 256).transpose(2, 1, 0))
            state[f"{layer}.{i}.bias"] = tensor(w.dense(f"b{number}_{n}"))
    module.load_state_dict(state)
    return module.eval()
