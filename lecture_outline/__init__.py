"""Turn a lecture into a nested, timestamped outline, entirely on your own machine."""

__version__ = "0.1.0"
