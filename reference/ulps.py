"""How far elementary functions may be from their exact results, in units in the last place.

Source: The OpenCL C 3.0 Specification, section 7.4, "Relative Error as ULPs", whose tables let pow be off by 16 in
single precision, of the full and of the embedded profile, and in double precision.  Half precision is held to the
same, where OpenCL's own table has 4, and 5 in the embedded profile.
"""

from __future__ import annotations

ULPS = {"pow": 16}
