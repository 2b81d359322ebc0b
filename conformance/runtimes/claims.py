"""What each runtime claims, by its device and flags; known without importing the runtime, which may be elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from reference.claim import CAST_BFLOAT16, CAST_FLOAT16, FAST, NATIVE, TF32, Claim

CASTS = {"float16": CAST_FLOAT16, "bfloat16": CAST_BFLOAT16}  # what torch.autocast makes of float32 tensors


def of_device(device: str = "cpu", *flags: str) -> Claim:
    """Sums as written, unless ``fast``; on CUDA cuDNN may pick algorithms that add in another order each time."""
    cast = next((CASTS[flag] for flag in flags if flag in CASTS), None)
    float32 = cast or (TF32 if device == "cuda" and "tf32" in flags else NATIVE["float32"])
    fast = FAST if "fast" in flags else {}
    return Claim({**NATIVE, "float32": float32}, fast=fast, deterministic=device != "cuda")


def of_reference(device: str = "cpu") -> Claim:
    """onnx.reference promises float16 arithmetic at float16 precision throughout."""
    return Claim(deterministic=True)


def of_backend(dotted: str) -> Claim:
    """That of a backend which says nothing of its own."""
    return Claim()


CLAIMS: dict[str, Callable[..., Claim]] = {
    "onnxruntime": of_device, "torch": of_device, "onnx-reference": of_reference, "backend": of_backend,
}  # fmt: skip
