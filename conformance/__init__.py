"""Who computes it: runtimes, the runner, comparison, results and the command line."""

__version__ = "0.1.0"
