"""What the Lp pools share: the attribute p, a number in their first version and an integer from then on."""

from __future__ import annotations

from dataclasses import dataclass

from graphs.spec import Invalid, Spec, Value


@dataclass(frozen=True, kw_only=True)
class Norm(Spec):
    """``(sum |x|^p)^(1/p)``; in front of the kind of pool among a class's bases."""

    p: float | None = None

    def validate(self) -> None:
        """The pool's rules, and a p that makes a norm."""
        super().validate()
        if self.p is not None and self.p < 1:
            raise Invalid(f"p is {self.p:g}, must be 1 or more", "p")
        if self.p is not None and self.version > 1 and self.p != int(self.p):
            raise Invalid(f"p is {self.p:g}, {self.op_type} has an integer from opset 2 on", "p", "opset")

    @property
    def tells_precision(self) -> bool:
        """Only where nothing but absolute values is summed: a root hides a rounding of the inputs."""
        return self.p == 1

    def attributes(self) -> dict[str, Value]:
        """The pool's, with p as this version has it."""
        found = super().attributes()
        if self.p is None:
            return found
        return found | {"p": float(self.p) if self.version == 1 else int(self.p)}

    def tokens(self) -> list[str]:
        """The pool's parts and p."""
        return super().tokens() + ([f"norm{self.p:g}"] if self.p is not None else [])
