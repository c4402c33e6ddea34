"""A BERT checkpoint as GGUF, float32 and q8_0, with the names and keys that llama.cpp reads: make_gguf.py CHECKPOINT OUT.
llama.cpp's own converter is not published as a package; this follows it for this one architecture."""

import json
import sys
from pathlib import Path

import gguf
from gguf import GGMLQuantizationType, GGUFWriter
from safetensors.numpy import load_file

checkpoint, out = Path(sys.argv[1]), Path(sys.argv[2])
config = json.loads((checkpoint / "config.json").read_text(encoding="utf-8"))
tensors = load_file(checkpoint / "model.safetensors")

NAMES = {
    "embeddings.word_embeddings.weight": "token_embd.weight",
    "embeddings.position_embeddings.weight": "position_embd.weight",
    "embeddings.token_type_embeddings.weight": "token_types.weight",
    "embeddings.LayerNorm.weight": "token_embd_norm.weight",
    "embeddings.LayerNorm.bias": "token_embd_norm.bias",
}
LAYER_NAMES = {
    "attention.self.query": "attn_q",
    "attention.self.key": "attn_k",
    "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down",
    "output.LayerNorm": "layer_output_norm",
}
for layer in range(config["num_hidden_layers"]):
    for published, name in LAYER_NAMES.items():
        for part in ("weight", "bias"):
            NAMES[f"encoder.layer.{layer}.{published}.{part}"] = f"blk.{layer}.{name}.{part}"


def vocabulary():
    """Pieces as llama.cpp wants them: a word's first piece is marked, continuations are bare."""
    pieces = (checkpoint / "vocab.txt").read_text(encoding="utf-8").split("\n")
    pieces = [piece.removesuffix("\r") for piece in pieces[: config["vocab_size"]]]
    texts, types = [], []
    for piece in pieces:
        if piece.startswith("[") and piece.endswith("]"):
            texts.append(piece)
            types.append(gguf.TokenType.UNKNOWN if piece == "[UNK]" else gguf.TokenType.CONTROL)
        else:
            texts.append(piece.removeprefix("##") if piece.startswith("##") else "\u2581" + piece)
            types.append(gguf.TokenType.NORMAL)
    return pieces, texts, types


def write(name, weights_type):
    writer = GGUFWriter(out / name, "bert")
    writer.add_name(checkpoint.name)
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    quantized = weights_type == GGMLQuantizationType.Q8_0
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0 if quantized else gguf.LlamaFileType.ALL_F32)
    pieces, texts, types = vocabulary()
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("jina-v2-en")
    writer.add_token_list(texts)
    writer.add_token_types(types)
    writer.add_token_type_count(config["type_vocab_size"])
    writer.add_bos_token_id(pieces.index("[CLS]"))
    writer.add_eos_token_id(pieces.index("[SEP]"))
    writer.add_sep_token_id(pieces.index("[SEP]"))
    writer.add_pad_token_id(pieces.index("[PAD]"))
    writer.add_unk_token_id(pieces.index("[UNK]"))
    writer.add_mask_token_id(pieces.index("[MASK]"))
    for published, name in NAMES.items():
        data = tensors[published].astype("float32")
        matrix = data.ndim == 2 and not name.startswith(("position_embd", "token_types"))
        if quantized and matrix:
            writer.add_tensor(name, gguf.quants.quantize(data, weights_type), raw_dtype=weights_type)
        else:
            writer.add_tensor(name, data)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


out.mkdir(parents=True, exist_ok=True)
write("model-f32.gguf", GGMLQuantizationType.F32)
write("model-q8_0.gguf", GGMLQuantizationType.Q8_0)
