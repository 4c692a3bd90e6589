"""A test double of an Ollama server.

with OllamaDouble(brain=ScriptedBrain(), settings=DoubleSettings(), faults=lambda number, body: None) as double:
    ...  # talk to double.url, look at double.requests and double.loads
"""

from __future__ import annotations

from ollama_double.brains import Brain, ScriptedBrain, reasonable_reply
from ollama_double.double import OllamaDouble, Request
from ollama_double.faults import Fault
from ollama_double.settings import GIB, DoubleModel, DoubleSettings

__all__ = [
    "GIB",
    "Brain",
    "DoubleModel",
    "DoubleSettings",
    "Fault",
    "OllamaDouble",
    "Request",
    "ScriptedBrain",
    "reasonable_reply",
]
