"""The tokenizer that sentence-transformers would build from a model folder.

tokenizer_config.json overrides tokenizer.json: of some classes transformers 5 keeps the vocabulary and rebuilds the
rest. The same is done here, for the classes whose graphs are published most.
"""

from __future__ import annotations

import copy
from typing import Any

from ..errors import BridgeError, unsupported
from .json_file import broken, inside, read_object

_WORDPIECE = {
    "BertTokenizer",
    "DistilBertTokenizer",
    "ElectraTokenizer",
    "MPNetTokenizer",
    "MobileBertTokenizer",
    "SqueezeBertTokenizer",
}
_CLASS_BY_MODEL_TYPE = {
    "bert": "BertTokenizer",
    "distilbert": "BertTokenizer",
    "mpnet": "MPNetTokenizer",
    "nomic_bert": "BertTokenizer",
    "roberta": "RobertaTokenizer",
    "xlm-roberta": "XLMRobertaTokenizer",
}
#: Start and end of a text where tokenizer_config.json names none: BERT's, and those of MPNet and the RoBERTas.
_BERT_ENDS = (("cls_token", "[CLS]"), ("sep_token", "[SEP]"))
_ROBERTA_ENDS = (("cls_token", "<s>"), ("sep_token", "</s>"))


def read_tokenizer(folder: str, path: str, model_type: str, lowercases: bool) -> dict[str, Any]:
    """tokenizer.json as it counts. MODEL_FILE_MISSING without the file; its padding and truncation are left out."""
    name = inside(path, "tokenizer.json")
    file = read_object(folder, name)
    if file is None:
        raise BridgeError("MODEL_FILE_MISSING", f"{name} is missing; it holds the vocabulary.", {"file": name})
    settings = read_object(folder, inside(path, "tokenizer_config.json")) or {}
    file = {**file, "padding": None, "truncation": None}
    if not isinstance(file.get("model"), dict) or "vocab" not in file["model"]:
        raise broken(name, "has no model with a vocabulary")
    kind = settings.get("tokenizer_class") or _CLASS_BY_MODEL_TYPE.get(model_type, "")
    kind = kind[:-4] if kind.endswith("Fast") and kind != "PreTrainedTokenizerFast" else kind
    if kind in _WORDPIECE and file["model"].get("type", "WordPiece") == "WordPiece":
        file = _wordpiece(file, settings, _ROBERTA_ENDS if kind == "MPNetTokenizer" else _BERT_ENDS)
    elif kind == "XLMRobertaTokenizer" and file["model"].get("type") == "Unigram":
        file = _xlm_roberta(file, settings)
    elif kind == "RobertaTokenizer" and file["model"].get("type") == "BPE":
        file = _roberta(file, settings)
    elif kind in _WORDPIECE or kind in ("XLMRobertaTokenizer", "RobertaTokenizer"):
        raise unsupported(f"{name}: a {kind} around a model of type {file['model'].get('type')!a} is not built here.")
    if lowercases:
        steps = [{"type": "Lowercase"}, *([file["normalizer"]] if file.get("normalizer") else [])]
        file["normalizer"] = {"type": "Sequence", "normalizers": steps}
    return file


def _wordpiece(file: dict[str, Any], settings: dict[str, Any], ends: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """BertTokenizer and its kin: 100 characters a word are the class's own limit, never the file's."""
    return {
        **file,
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": settings.get("tokenize_chinese_chars", True),
            "strip_accents": settings.get("strip_accents"),
            "lowercase": settings.get("do_lower_case", True),
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": _content(settings.get("unk_token")) or file["model"].get("unk_token", "[UNK]"),
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": file["model"]["vocab"],
        },
        "post_processor": _template(file, settings, ends),
    }


def _xlm_roberta(file: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """Of the file's normalisation only SentencePiece's character map counts; words end at whitespace first."""
    found = file.get("normalizer") or {}
    listed = found.get("normalizers", []) if found.get("type") == "Sequence" else [found]
    characters = next((one for one in listed if one.get("type") == "Precompiled"), None)
    scheme = "always" if settings.get("add_prefix_space", True) else "never"
    metaspace = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": scheme, "split": True}
    return {
        **file,
        "normalizer": copy.deepcopy(characters),
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]},
        "decoder": metaspace,
        "model": {"type": "Unigram", "unk_id": 3, "byte_fallback": False, "vocab": file["model"]["vocab"]},
        "post_processor": _template(file, settings, (("bos_token", "<s>"), ("eos_token", "</s>"))),
    }


def _roberta(file: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """add_prefix_space comes from tokenizer_config.json alone."""
    byte_level = {"type": "ByteLevel", "trim_offsets": True, "use_regex": True}
    return {
        **file,
        "normalizer": None,
        "pre_tokenizer": {**byte_level, "add_prefix_space": settings.get("add_prefix_space", False)},
        "decoder": {**byte_level, "add_prefix_space": True},
        "post_processor": _template(file, settings, _ROBERTA_ENDS),
    }


def _template(file: dict[str, Any], settings: dict[str, Any], ends: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    first, last = (_special(file, _content(settings.get(key)) or default) for key, default in ends)
    start, end = ({"SpecialToken": {"id": token["id"], "type_id": 0}} for token in (first, last))
    first_text, second_text = ({"Sequence": {"id": name, "type_id": 0}} for name in ("A", "B"))
    return {
        "type": "TemplateProcessing",
        "single": [start, first_text, end],
        "pair": [start, first_text, end, start, second_text, end],
        "special_tokens": {token["id"]: token for token in (first, last)},
    }


def _special(file: dict[str, Any], content: str) -> dict[str, Any]:
    added = {token.get("content"): token.get("id") for token in file.get("added_tokens") or []}
    vocabulary = file["model"]["vocab"]
    known = vocabulary.get(content) if isinstance(vocabulary, dict) else None
    token_id = added.get(content, known)
    if type(token_id) is not int:
        raise broken("tokenizer.json", f"has no token {content!a}, which begins or ends every text")
    return {"id": content, "ids": [token_id], "tokens": [content]}


def _content(token: object) -> str | None:
    """A special token is named by its text or by an object that holds it."""
    value = token.get("content") if isinstance(token, dict) else token
    return value if isinstance(value, str) else None
