"""An adapter whose package is not there, as a runtime's module says it: on import."""

from conformance.runtimes.protocol import Unavailable

raise Unavailable("not built for this machine", "pip install it")
