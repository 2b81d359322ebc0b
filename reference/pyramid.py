"""The Laplacian pyramid: one chain of linear layers from the image to each result."""

from __future__ import annotations

from reference.network import network as pyramid

__all__ = ["pyramid"]
