"""Reading a model with sentence-transformers: offline, safetensors only, no code of the model."""

from __future__ import annotations

from typing import Any

from ..errors import BridgeError, invalid_config, unsupported
from ..folder.modules import Module, read_modules, require_safetensors
from ..folder.usage import read_usage


def torch_devices() -> list[str]:
    """Devices that the installed PyTorch reaches, the CPU first."""
    import torch

    available = ["cpu"]
    if torch.cuda.is_available():
        available += ["cuda", *(f"cuda:{index}" for index in range(torch.cuda.device_count()))]
    if torch.backends.mps.is_available():
        available.append("mps")
    return available


def pick_device(name: str) -> str:
    """The device asked for; "auto" is the CPU, as a faster device has to prove its vectors first.

    CONFIG_INVALID, with those that are there, for one that is not.
    """
    available = torch_devices()
    if name == "auto":
        return "cpu"
    if name in available:
        return name
    message = f"PyTorch has no device {name!a} here; available are {', '.join(available)}."
    raise invalid_config(message, available=available)


def load_sentence_transformer(path: str, device: str) -> Any:
    """A SentenceTransformer in float32 and evaluation mode. Failures carry the code of what is wrong."""
    read_usage(path)
    require_safetensors(path, read_modules(path) or [Module("Transformer", "")])
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer

    try:
        model = SentenceTransformer(
            path,
            device=device,
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
    except SafetensorError as error:
        raise _failed("FORMAT_INVALID", path, error) from error
    except OSError as error:
        raise _failed("MODEL_FILE_MISSING", path, error) from error
    except (ImportError, KeyError, NotImplementedError, AttributeError) as error:
        raise unsupported(f"sentence-transformers cannot run this model: {_first_line(error)}") from error
    except (ValueError, TypeError) as error:
        if "trust_remote_code" in str(error) or "does not recognize this architecture" in str(error):
            raise unsupported(f"sentence-transformers cannot run this model: {_first_line(error)}") from error
        raise _failed("FORMAT_INVALID", path, error) from error
    except RuntimeError as error:
        raise _failed("WEIGHTS_MISMATCH", path, error) from error
    _require_weights(model, path)
    # Half-precision checkpoints too: their vectors are compared with float32 ones.
    return model.float().eval()


def _require_weights(model: Any, path: str) -> None:
    """WEIGHTS_MISMATCH where transformers filled a parameter at random because the checkpoint lacks it.

    transformers only logs that. It marks what it read with `_is_hf_initialized`; a release that marks nothing cannot
    be judged. The pooler of a BERT takes no part in sentence vectors, and many checkpoints come without it.
    """
    transformer = model.transformers_model
    if transformer is None:
        return
    read = {name: hasattr(weight, "_is_hf_initialized") for name, weight in transformer.named_parameters()}
    lacking = [name for name, known in read.items() if not known and "pooler." not in name]
    if lacking and any(read.values()):
        message = f"The checkpoint lacks {len(lacking)} of {len(read)} weights, {lacking[0]} for one."
        raise BridgeError("WEIGHTS_MISMATCH", message, {"path": path, "tensors": lacking[:10]})


def _failed(code: str, path: str, error: Exception) -> BridgeError:
    return BridgeError(code, f"The model could not be loaded: {_first_line(error)}", {"path": path})


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:300]
