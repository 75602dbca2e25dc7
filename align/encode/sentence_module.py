"""The embedded model as a module for sentence-transformers: the same vectors, on any device, trainable.

An exported model carries a copy of this file, so it needs nothing of ours to run. The table of token
embeddings stays in 8 bits and is not trained; everything else is float32 and is.
"""

import json
import os
import shutil
from typing import Any

import torch
from torch import nn

ORDERS = ((2, 0), (3, 1), (5, 2))
CHUNKS = 17


class UniversalSentenceEncoder(nn.Module):
    """Texts to `sentence_embedding`: universal-sentence-encoder-multilingual, version 3 (Yang et al. 2020)."""

    modalities = ("text",)
    table: torch.Tensor
    scale: torch.Tensor
    low: torch.Tensor
    save_in_root = True

    def __init__(self, tokens: int, sentencepiece: bytes, max_seq_length: int | None = None):
        super().__init__()
        from sentencepiece import SentencePieceProcessor

        self._sentencepiece = sentencepiece
        self.tokenizer = SentencePieceProcessor()
        self.tokenizer.LoadFromSerializedProto(sentencepiece)
        self.max_seq_length = max_seq_length
        self.register_buffer("table", torch.zeros(tokens, 512, dtype=torch.uint8))
        self.register_buffer("scale", torch.zeros(CHUNKS))
        self.register_buffer("low", torch.zeros(CHUNKS))
        self.projection = nn.Linear(512, 768)
        self.inner_norm = nn.LayerNorm(768, eps=1e-12)
        self.first = nn.ModuleList(nn.Conv1d(256, 256, order) for order, _ in ORDERS)
        self.second = nn.ModuleList(nn.Conv1d(256, 256, order) for order, _ in ORDERS)
        self.norm = nn.LayerNorm(1280, eps=1e-12)
        self.output = nn.Linear(1280, 512)
        self.d0, self.d1 = nn.Linear(512, 320, bias=False), nn.Linear(320, 320, bias=False)
        self.d2, self.d3 = nn.Linear(320, 512, bias=False), nn.Linear(512, 512, bias=False)
        self.p1, self.p3 = nn.Linear(512, 320, bias=False), nn.Linear(320, 512, bias=False)

    def preprocess(self, inputs: list[str], prompt: str | None = None, **_: object) -> dict[str, torch.Tensor]:
        """Token ids with both marks, and which of them are there; a text without tokens has the unknown token."""
        texts = [((prompt or "") + text).encode("utf-8", "replace").decode() for text in inputs]
        pieces = self.tokenizer.encode(texts)
        for i, ids in enumerate(pieces):
            if 0 in ids:
                # A run of unknown characters is reported as one, but each counts as a token.
                surfaces = self.tokenizer.encode(texts[i], out_type=str)
                pieces[i] = [t for t, s in zip(ids, surfaces) for _ in range(len(s) if t == 0 else 1)]
        most = None if self.max_seq_length is None else self.max_seq_length - 2
        rows = [[1, *(ids[:most] or [0]), 2] for ids in pieces]
        width = max(map(len, rows))
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
        return {"input_ids": torch.tensor([row + [0] * (width - len(row)) for row in rows]), "attention_mask": mask}

    def tokenize(self, texts: list[str], prompt: str | None = None, **kwargs: object) -> dict[str, torch.Tensor]:
        """What older releases call `preprocess`."""
        return self.preprocess(texts, prompt, **kwargs)

    def forward(self, features: dict[str, torch.Tensor], **_: object) -> dict[str, torch.Tensor]:
        """Adds `token_embeddings` (normed features) and `sentence_embedding` (unit rows) to `features`."""
        ids, mask = features["input_ids"], features["attention_mask"].unsqueeze(-1)
        here = mask.to(self.output.weight.dtype)
        chunk = ids % CHUNKS
        embedding = self.table[ids].to(here.dtype) * self.scale[chunk].unsqueeze(-1) + self.low[chunk].unsqueeze(-1)
        inner = (self.inner_norm(self.projection(embedding)) * here).split(256, dim=-1)
        branches = []
        for branch, first, second, (order, left) in zip(inner, self.first, self.second, ORDERS):
            for convolution in (first, second):
                padded = nn.functional.pad(branch.transpose(1, 2), (left, order - 1 - left))
                branch = (torch.relu(convolution(padded).transpose(1, 2)) + branch) * here
            branches.append(branch)
        tokens = self.norm(torch.cat([embedding, *branches], dim=-1)) * here
        pooled = (self.output(tokens) * here).sum(dim=1) / here.sum(dim=1).sqrt()
        hidden = torch.relu(self.p1(pooled) + self.d1(torch.relu(self.d0(pooled))))
        vectors = torch.tanh(self.p3(hidden) + self.d3(torch.relu(self.d2(hidden))))
        features["token_embeddings"] = tokens
        features["sentence_embedding"] = nn.functional.normalize(vectors, dim=-1)
        return features

    def get_embedding_dimension(self) -> int:
        """512."""
        return self.output.out_features

    get_sentence_embedding_dimension = get_embedding_dimension

    def save(self, output_path: str, *_: object, **__: object) -> None:
        """Write configuration, tokenizer, weights and code."""
        from safetensors.torch import save_file

        with open(os.path.join(output_path, "config.json"), "w", encoding="utf-8") as file:
            json.dump({"tokens": self.table.shape[0], "max_seq_length": self.max_seq_length}, file, indent=2)
        with open(os.path.join(output_path, "sp.model"), "wb") as pieces:
            pieces.write(self._sentencepiece)
        code = os.path.join(output_path, "universal_sentence_encoder.py")
        if os.path.abspath(__file__) != os.path.abspath(code):
            shutil.copyfile(__file__, code)
        save_file({k: v.contiguous() for k, v in self.state_dict().items()},
                  os.path.join(output_path, "model.safetensors"))

    @classmethod
    def load(cls, input_path: str, subfolder: str = "", **kwargs: object) -> "UniversalSentenceEncoder":
        """Read what `save` wrote, from a folder or from a model hub."""
        from safetensors.torch import load_file

        def path(name: str) -> str:
            local = os.path.join(input_path, subfolder, name)
            if os.path.isfile(local):
                return local
            from huggingface_hub import hf_hub_download

            options: dict[str, Any] = {k: kwargs[k] for k in ("token", "revision", "local_files_only") if k in kwargs}
            options["cache_dir"] = kwargs.get("cache_folder")
            return str(hf_hub_download(input_path, name, subfolder=subfolder or None, **options))

        with open(path("config.json"), encoding="utf-8") as file:
            config = json.load(file)
        with open(path("sp.model"), "rb") as pieces:
            module = cls(config["tokens"], pieces.read(), config.get("max_seq_length"))
        module.load_state_dict(load_file(path("model.safetensors")))
        return module
