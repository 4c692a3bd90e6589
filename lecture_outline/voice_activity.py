"""Is somebody speaking? The Silero detector that comes with faster-whisper, fed block by block.

The detector remembers what it heard last; that memory is carried from block to block, so the answers are the same as
if it had been given the whole recording at once.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from lecture_outline.errors import SpeechModelError
from lecture_outline.windows import FRAME

CONTEXT = 64
"""Samples of the frame before that the detector hears again."""

MEMORY = (1, 1, 128)
"""The shape of each of the two things that the detector remembers."""

Sound = NDArray[np.float32]


def _detector_file() -> Path:
    """Where faster-whisper keeps it; importing that package would load everything that recognition needs."""
    package = find_spec("faster_whisper")
    found = sorted(Path(package.origin).parent.glob("assets/silero_vad_v*.onnx")) if package and package.origin else []
    if not found:
        raise SpeechModelError("the voice detector is missing from faster-whisper", "Install it again: make install")
    return found[-1]


class VoiceDetector:
    """Hears a recording from its beginning to its end."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1  # it is quick, and one frame follows another
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 4
        self.session = onnxruntime.InferenceSession(
            str(_detector_file()), providers=["CPUExecutionProvider"], sess_options=options
        )
        self.h = np.zeros(MEMORY, np.float32)
        self.c = np.zeros(MEMORY, np.float32)
        self.context = np.zeros((1, CONTEXT), np.float32)
        self.rest = np.zeros(0, np.float32)

    def hear(self, sound: Sound) -> list[float]:
        """The probability of speech in each whole frame heard so far and not told yet."""
        sound = np.concatenate([self.rest, sound])
        whole = len(sound) // FRAME * FRAME
        self.rest = sound[whole:]
        return self._answers(sound[:whole].reshape(-1, FRAME)) if whole else []

    def finish(self) -> list[float]:
        """The last, incomplete frame."""
        if not len(self.rest):
            return []
        return self.hear(np.zeros(FRAME - len(self.rest), np.float32))

    def _answers(self, frames: Sound) -> list[float]:
        before = np.concatenate([self.context, frames[:-1, -CONTEXT:]])
        self.context = frames[-1:, -CONTEXT:]
        answers, self.h, self.c = self.session.run(
            None, {"input": np.concatenate([before, frames], axis=1), "h": self.h, "c": self.c}
        )
        return [float(answer) for answer in answers.ravel()]
