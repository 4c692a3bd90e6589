"""A recording → sound that is ready for recognition, streamed: memory does not grow with its length. Only door to PyAV.

Damaged places are skipped and counted, missing stretches become silence so that all later times stay true, and a file
that ends too early gives what it holds. Messages of errors begin with a verb, as those of the transcript readers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from lecture_outline.clock import SECOND_MS, clock_time, parse_clock
from lecture_outline.errors import InputError, UnreadableRecording
from lecture_outline.files import open_private
from lecture_outline.incoming import Piece, nobody
from lecture_outline.printable import printable
from lecture_outline.transcript import Unread
from lecture_outline.windows import BYTES_A_SAMPLE, FULL_SCALE, SAMPLE_RATE, Sound, find_speech, plan_windows

BLOCK = 10 * SAMPLE_RATE
"""Samples that are handed on at once."""

BLOCKS_AHEAD = 4
"""Decoded and not yet heard by the voice detector; then decoding waits, so that memory stays bounded."""

SMALLEST_GAP = SAMPLE_RATE // 4
"""A smaller difference between a frame's own time and ours is rounding, or the silence that encoders add."""

LONGEST_RECORDING = 100 * 3600 * SAMPLE_RATE
"""11.5 GB while it is recognised. A small file can claim to be longer than any disk."""

LARGEST_GAP = 3600 * SAMPLE_RATE
"""A larger jump is a mistake in the file's times and no missing sound."""

MISSING_AT_THE_END = 3 * SAMPLE_RATE
"""A file whose sound ends this much before the length it states was cut off."""

GUESSED_LENGTH = frozenset({"mp3", "aac", "amr", "ac3", "eac3", "dts", "mpeg", "mpegts"})
"""Formats without a stated length: FFmpeg guesses it from the size, so it proves nothing."""

STATED_IN_MP3 = (b"Xing", b"Info", b"VBRI")
"""Most encoders do state how many frames an MP3 has, in its first one."""

HEADER_BYTES = 4096

LARGEST_OGG_PAGE = 65_307
"""Bytes; the last page of a whole file has a mark."""

UNKNOWN_SIZE = 0xFFFF_FF00
"""Sizes from here on are what programs write that do not know the size yet."""

FORMATS = (
    "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dts,dtshd,eac3,flac,flv,live_flv,loas,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,"
    "mp3,mpc,mpc8,mpeg,mpegts,mxf,ogg,rm,tta,w64,wav,wv"
)
"""Kinds of recordings, as FFmpeg calls them. It knows three hundred more: pictures, games, and lists of other files."""

LOCAL_ONLY = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
"""FFmpeg can fetch what a file names from anywhere; a recording must not make it do so."""

Samples = NDArray[np.int16]


class _Course:
    """How the reading of a file goes."""

    def __init__(self) -> None:
        self.samples = 0
        """How many there are so far."""
        self.damaged: list[int] = []
        """Where something could not be decoded."""
        self.gaps: list[tuple[int, int]] = []
        """Where sound is missing, and how many samples of silence stand for it."""


def listen(
    path: Path, *, track: int | None, longest_seconds: int, keep: Path, tell: Callable[[Piece], None] = nobody
) -> Sound:
    """Hear a recording once: keep its sound as 16 kHz mono in the file `keep`, and plan what is recognised together.

    `track` counts the file's audio tracks from 1; None is the first. Each window is told as soon as nothing that comes
    later can change it; its sound is in the file then.
    """
    course = _Course()
    longest = longest_seconds * SAMPLE_RATE
    windows = []
    with _opened(path) as container, open_private(keep) as file:
        stream = _track(container, track)
        length = _stated_length(path, container, stream)
        tell(Piece(stated_samples=length.samples if length.certain else None))

        def _samples() -> int:
            return file.tell() // BYTES_A_SAMPLE

        frames = _speech_in(_written(_blocks(container, stream, course), file))
        speech = find_speech(frames, longest=longest, samples=_samples)
        for window in plan_windows(speech, longest=longest, samples=_samples):
            windows.append(window)
            tell(Piece(window=window))
        samples = _samples()
    if samples < (SAMPLE_RATE if course.damaged else 1):
        raise UnreadableRecording(
            "holds no sound that can be decoded.", "Check that it plays; copy or convert it anew."
        )
    ended_early = length.samples is not None and length.samples - samples > MISSING_AT_THE_END
    return Sound(
        samples=samples,
        windows=tuple(windows),
        unread=tuple(_lost(course, samples, length.samples if ended_early and length.certain else None)),
        remarks=tuple(_doubts(path, samples, length.samples if ended_early and not length.certain else None)),
    )


def _written(blocks: Iterable[Samples], file: IO[bytes]) -> Iterator[Samples]:
    """Keep all sound, where another process can read it at once."""
    for block in blocks:
        file.write(block.tobytes())
        file.flush()
        if file.tell() > LONGEST_RECORDING * BYTES_A_SAMPLE:
            raise UnreadableRecording(
                f"is longer than {_clock(LONGEST_RECORDING)}.", "Cut it into parts, and give them one by one."
            )
        yield block


def _speech_in(blocks: Iterable[Samples]) -> Iterator[float]:
    """The probability of speech in each frame. The detector listens to one block while the next ones are decoded."""
    from lecture_outline.voice_activity import VoiceDetector  # slow to import, and many a file ends before here

    detector = VoiceDetector()
    waiting: deque[Future[list[float]]] = deque()
    with ThreadPoolExecutor(max_workers=1) as beside:
        for block in blocks:
            waiting.append(beside.submit(lambda sound: detector.hear(_as_numbers(sound)), block))
            if len(waiting) > BLOCKS_AHEAD:
                yield from waiting.popleft().result()
        for answer in waiting:
            yield from answer.result()
    yield from detector.finish()


def _as_numbers(sound: Samples) -> NDArray[np.float32]:
    return np.multiply(sound, FULL_SCALE, dtype=np.float32)


@contextmanager
def _opened(path: Path) -> Iterator[InputContainer]:
    """The file as FFmpeg sees it; what it says of files that it cannot read becomes advice."""
    if path.stat().st_size == 0:
        raise UnreadableRecording("is empty.", "Copy or download it again.")
    wav = _wav_sizes(path)
    mistaken = wav is not None and 0 < wav.sound < (wav.there - HEADER_BYTES) // 2
    options = {**LOCAL_ONLY, **({"ignore_length": "1"} if mistaken else {})}
    try:
        container = av.open(f"file:{path}", metadata_errors="replace", options=options)
    except (av.FFmpegError, ValueError) as error:
        raise _not_a_recording(error) from error
    with container:
        yield container


def _not_a_recording(error: Exception) -> InputError:
    if isinstance(error, PermissionError):
        return InputError("may not be read.", "Allow it: chmod u+r on the file.")
    if isinstance(error, av.ArgumentError):  # what FFmpeg says of a kind that is not among the ones allowed
        return UnreadableRecording(
            "is of a kind that is not listened to: a list of other files, a picture, or a rare kind of recording.",
            "Give the recording itself, or convert it.",
        )
    return UnreadableRecording(
        "is not a recording that can be read: it is damaged from its beginning, or another kind of file.",
        "Check that it plays. A file that was cut off may be mended by the program that recorded it.",
    )


def _track(container: InputContainer, track: int | None) -> AudioStream:
    streams = container.streams.audio
    if not streams:
        raise UnreadableRecording("holds no sound: it has no audio track.", "Give the recording with its sound.")
    if track is None:
        return streams[0]
    if track > len(streams):
        known = ", ".join(f"{number} ({_named(stream)})" for number, stream in enumerate(streams, start=1))
        raise InputError(f"has no audio track {track}.", f"Choose one of its tracks with --track: {known}.")
    return streams[track - 1]


def _named(stream: AudioStream) -> str:
    title, language = stream.metadata.get("title"), stream.metadata.get("language")
    return printable(", ".join(part for part in (language, title) if part) or "unnamed")


class _Length(NamedTuple):
    """How long the file says that it is; None where it does not say."""

    samples: int | None
    certain: bool


def _stated_length(path: Path, container: InputContainer, stream: AudioStream) -> _Length:
    wav = _wav_sizes(path)
    if wav is not None and wav.cut_off and stream.codec_context.bit_rate:
        return _Length(wav.sound * 8 * SAMPLE_RATE // stream.codec_context.bit_rate, certain=True)
    guessed = any(name in GUESSED_LENGTH for name in container.format.name.split(","))
    certain = not guessed or _is_stated_in_mp3(path)
    tag = parse_clock((stream.metadata.get("DURATION") or "").partition(".")[0])  # as Matroska has it, for each track
    if tag:
        return _Length(tag * SAMPLE_RATE // SECOND_MS, certain)
    if stream.duration and stream.time_base:
        return _Length(int(stream.duration * stream.time_base * SAMPLE_RATE), certain)
    if container.duration and len(container.streams.audio) == 1:
        return _Length(container.duration * SAMPLE_RATE // av.time_base, certain)
    return _Length(None, certain=False)


def _is_stated_in_mp3(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(10)
        if head[:3] == b"ID3":  # a note about the recording, with its length in four bytes of seven bits
            file.seek(10 + sum((byte & 127) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True)))
        head += file.read(HEADER_BYTES)
    return any(mark in head for mark in STATED_IN_MP3)


class _WavSizes(NamedTuple):
    """Bytes of a WAV file: of all, and of the sound, as it says itself; and those that are there."""

    all: int
    sound: int
    there: int

    @property
    def cut_off(self) -> bool:
        """Both sizes reach beyond the end. One alone is a mistake, and 0xFFFFFFFF stands for `not known yet`."""
        return self.there < self.sound < UNKNOWN_SIZE and self.there < self.all < UNKNOWN_SIZE


def _wav_sizes(path: Path) -> _WavSizes | None:
    """FFmpeg believes a size that is too small, and says nothing about one that is too large."""
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES)
    place = head.find(b"data", 12)
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE" or not 12 <= place <= HEADER_BYTES - 8:
        return None
    there = path.stat().st_size
    return _WavSizes(
        all=int.from_bytes(head[4:8], "little"),
        sound=int.from_bytes(head[place + 4 : place + 8], "little"),
        there=there,
    )


def _blocks(container: InputContainer, stream: AudioStream, course: _Course) -> Iterator[Samples]:
    """The sound in pieces of some seconds, true to the times in the file."""
    waiting: list[Samples] = []
    size = 0
    for piece in _pieces(container, stream, course):
        waiting.append(piece)
        size += len(piece)
        if size >= BLOCK:
            yield np.concatenate(waiting)
            waiting, size = [], 0
    if waiting:
        yield np.concatenate(waiting)


def _pieces(container: InputContainer, stream: AudioStream, course: _Course) -> Iterator[Samples]:
    resampler: AudioResampler | None = None
    shape: tuple[str, str, int] | None = None
    began = (container.start_time or 0) / av.time_base
    for frame in _frames(container, stream, course):
        if shape != (frame.format.name, frame.layout.name, frame.sample_rate):  # it may change in the middle
            for rest in resampler.resample(None) if resampler else ():
                course.samples += rest.samples
                yield _as_array(rest)
            resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
            shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        assert resampler is not None, "made for the first frame"  # noqa: S101
        gap = 0 if frame.time is None else round((frame.time - began) * SAMPLE_RATE) - course.samples
        if SMALLEST_GAP < gap <= LARGEST_GAP:
            course.gaps.append((course.samples, gap))
            course.samples += gap
            yield from _silence(gap)
        frame.pts = None  # the resampler would refuse times that jump
        for made in resampler.resample(frame):
            course.samples += made.samples
            yield _as_array(made)
    for rest in resampler.resample(None) if resampler else ():
        yield _as_array(rest)


def _silence(samples: int) -> Iterator[Samples]:
    for start in range(0, samples, BLOCK):
        yield np.zeros(min(BLOCK, samples - start), np.int16)


def _as_array(frame: av.AudioFrame) -> Samples:
    """Without a copy; the frame lives as long as the array does. Its memory may be longer than its sound."""
    return np.frombuffer(memoryview(frame.planes[0]), np.int16, frame.samples)


def _frames(container: InputContainer, stream: AudioStream, course: _Course) -> Iterator[av.AudioFrame]:
    """Everything that can be decoded: a packet that cannot is counted, and the next one is tried."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.FFmpegError:
            course.damaged.append(course.samples)
            return
        try:
            yield from packet.decode()
        except av.FFmpegError:
            course.damaged.append(course.samples)


def _lost(course: _Course, samples: int, stated: int | None) -> Iterator[Unread]:
    """What of the recording nobody could hear."""
    if course.damaged:
        places = "1 damaged place" if len(course.damaged) == 1 else f"{len(course.damaged)} damaged places"
        yield Unread(
            reason=f"the recording has {places} that cannot be decoded, the first at {_clock(course.damaged[0])}",
            text="",
        )
    for place, length in course.gaps:
        if place:  # a track that begins later than the film lacks nothing
            yield Unread(reason=f"the recording has no sound from {_clock(place)} to {_clock(place + length)}", text="")
    if stated is not None:
        yield Unread(
            reason=f"the recording was cut off: it says that it lasts {_clock(stated)}, and ends at {_clock(samples)}",
            text="",
        )


def _doubts(path: Path, samples: int, guessed: int | None) -> Iterator[str]:
    """What may mean that something is missing, and may mean nothing."""
    if guessed is not None:
        yield f"The file says that it lasts {_clock(guessed)}, but its sound lasts {_clock(samples)}."
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LARGEST_OGG_PAGE))
        tail = file.read()
    page = tail.rfind(b"OggS")
    if page >= 0 and not tail[page + 5 : page + 6] > b"\3":  # the bit of 4 is set on the last page
        yield f"The file has no end mark: it may have been cut off at {_clock(samples)}."


def _clock(samples: int) -> str:
    return clock_time(samples * SECOND_MS // SAMPLE_RATE)
