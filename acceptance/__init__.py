"""The plain Python under the keywords and the command, in layers; CONTRIBUTING.md lists them."""

__version__ = "1.0.0"
