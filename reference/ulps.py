"""How far elementary functions may be from their exact results, in units in the last place.

Source: The OpenCL C 3.0 Specification, section 7.4, "Relative error as ULPs", whose table lets single and double
precision's pow be off by 16.  Half precision is held to the same.
"""

from __future__ import annotations

ULPS = {"pow": 16}
