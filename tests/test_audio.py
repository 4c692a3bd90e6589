"""Recordings of every kind and in every state: what can be heard is heard, at its own time, and the rest is named."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from broken_recordings import NOT_A_RECORDING, half, overwritten, with_sizes
from faster_whisper.audio import decode_audio
from faster_whisper.vad import get_vad_model
from spoken import CODECS, RATE, Sound, silence, voice, write_sound

from lecture_outline.audio import listen
from lecture_outline.errors import InputError, UnreadableRecording
from lecture_outline.voice_activity import VoiceDetector
from lecture_outline.windows import FRAME, Window
from lecture_outline.windows import Sound as Heard

TALK = np.concatenate([silence(2), voice(8, seed=1), silence(4), voice(20, seed=2), silence(1)])
SECONDS = len(TALK) / RATE
BEGINS = (2.0, 14.0)
"""Where in TALK somebody begins to speak after a pause."""


def heard(path: Path, **wishes: int) -> Heard:
    return listen(path, track=wishes.get("track"), longest_seconds=30, keep=Path("kept.pcm"))


def talk(name: str, sound: Sound = TALK, **wishes: int) -> Path:
    rate = 48_000 if CODECS[Path(name).suffix] == "libopus" else wishes.pop("rate", RATE)
    return write_sound(name, sound, rate=rate, **wishes)


def begins(found: Heard) -> list[float]:
    return [round(window.start / RATE, 1) for window in found.windows]


def assert_is_the_talk(found: Heard) -> None:
    """As long as it was, and speech where it was."""
    assert abs(found.samples / RATE - SECONDS) < 0.1
    assert len(found.windows) == len(BEGINS)
    assert begins(found) == pytest.approx(BEGINS, abs=1.2)  # the detector is late for our voice through a telephone
    assert (found.unread, found.remarks) == ((), ())


@pytest.mark.parametrize("ending", CODECS)
def test_every_usual_kind_of_file_is_heard_alike(ending: str) -> None:
    """Sound and film, with and without loss: the same windows."""
    assert_is_the_talk(heard(talk(f"talk{ending}", picture=ending in {".mp4", ".mkv"})))


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_rate_and_stereo_become_16_khz_mono(rate: int, channels: int) -> None:
    """What is kept has two bytes for each sample that was counted."""
    found = heard(talk("talk.wav", rate=rate, channels=channels))
    assert_is_the_talk(found)
    assert Path("kept.pcm").stat().st_size == 2 * found.samples
    assert Path("kept.pcm").stat().st_mode & 0o077 == 0


def test_decoding_in_blocks_gives_what_decoding_at_once_gives() -> None:
    """The reference is faster-whisper's own decoder, which holds the whole recording."""
    path = talk("talk.flac", rate=44_100, channels=2)
    heard(path)
    kept = np.fromfile("kept.pcm", np.int16) / np.float32(32768)
    expected = decode_audio(str(path))
    assert len(kept) == pytest.approx(len(expected), abs=32)
    assert np.abs(kept[: len(expected)] - expected[: len(kept)]).max() < 1e-3


def test_the_detector_answers_alike_however_the_sound_is_cut() -> None:
    """Blocks of odd sizes against the whole at once, to the bit."""
    detector, chance = VoiceDetector(), np.random.default_rng(0)
    cuts = np.sort(chance.choice(len(TALK), 40, replace=False))
    answers = [answer for block in np.split(TALK, cuts) for answer in detector.hear(block)] + detector.finish()
    whole = np.pad(TALK, (0, -len(TALK) % FRAME))
    assert np.array_equal(answers, get_vad_model()(whole).ravel())


def test_the_track_asked_for_is_heard() -> None:
    """The first by default; one that is not there is answered with the list of those that are."""
    path = write_sound("film.mkv", TALK, voice(5, seed=9), picture=True, english="eng", czech="ces")
    assert_is_the_talk(heard(path))
    assert heard(path, track=2).samples / RATE == pytest.approx(5, abs=0.1)
    with pytest.raises(InputError) as caught:
        heard(path, track=3)
    assert "1 (eng), 2 (ces)" in caught.value.what_to_do


def test_silence_is_no_error_of_the_file() -> None:
    """It has no windows; what that means is for others to say."""
    found = heard(talk("quiet.wav", silence(10)))
    assert found.samples == 10 * RATE
    assert found.windows == ()


@pytest.mark.parametrize("ending", [".wav", ".mp3", ".mkv", ".webm", ".flac"])
def test_a_file_cut_off_in_the_middle_gives_its_first_half_and_says_so(ending: str) -> None:
    """What is there is heard; that the rest is missing is a loss."""
    found = heard(half(talk(f"talk{ending}")))
    assert begins(found)[0] == pytest.approx(BEGINS[0], abs=0.5)
    assert SECONDS / 3 < found.samples / RATE < SECONDS * 2 / 3
    assert "was cut off: it says that it lasts 00:00:3" in found.unread[-1].reason
    assert found.unread[-1].may_be_speech


def test_a_cut_off_ogg_file_is_noticed_by_its_missing_end() -> None:
    """It does not say how long it should be, so this is a remark."""
    found = heard(half(talk("talk.ogg")))
    assert not found.unread
    assert "no end mark" in found.remarks[0]


def test_a_film_whose_index_comes_first_may_be_cut_off() -> None:
    """An MP4 for streaming gives what is there; one with its index at the end cannot be read without it."""
    whole = talk("talk.mp4")
    with av.open(str(whole)) as source, av.open("fast.mp4", "w", options={"movflags": "faststart"}) as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    found = heard(half(Path("fast.mp4")))
    assert begins(found)[0] == pytest.approx(BEGINS[0], abs=0.5)
    assert "was cut off" in found.unread[-1].reason
    with pytest.raises(UnreadableRecording):
        heard(half(whole))


@pytest.mark.parametrize("ending", [".mkv", ".webm", ".ogg", ".flac"])
def test_after_a_hole_the_times_are_still_true(ending: str) -> None:
    """Some seconds of the file overwritten with noise: silence takes their place, and what follows keeps its time."""
    path = talk(f"talk{ending}", np.concatenate([voice(20, seed=3), silence(4), voice(10, seed=4)]))
    found = heard(overwritten(path))
    assert found.samples / RATE == pytest.approx(34, abs=0.5)
    assert any(23 < begin < 25 for begin in begins(found))
    assert any("no sound from 00:00:" in part.reason for part in found.unread)


def test_a_damaged_mp3_is_heard_to_its_end() -> None:
    """A packet that cannot be decoded is counted and the next one is tried; other programs stop there in silence."""
    found = heard(overwritten(talk("talk.mp3"), start=0.5, share=0.02))
    assert found.samples / RATE > SECONDS - 2
    assert "cannot be decoded" in found.unread[0].reason


@pytest.mark.parametrize(("whole", "sound"), [(None, 0), (0xFFFFFFFF, 0xFFFFFFFF), (None, 2_000_000_000), (None, 999)])
def test_a_wrong_length_in_the_header_does_not_matter(whole: int | None, sound: int) -> None:
    """Recorders that were switched off leave such headers; all the sound that is there is heard."""
    assert_is_the_talk(heard(with_sizes(talk("talk.wav"), whole=whole, sound=sound)))


@pytest.mark.parametrize("name", NOT_A_RECORDING)
def test_what_is_no_recording_is_told_apart(name: str) -> None:
    """A clear error with advice, whatever the name says; nothing that a file names is opened or fetched."""
    broken = NOT_A_RECORDING[name]
    broken.write(Path(name))
    with pytest.raises(UnreadableRecording, match=broken.says) as caught:
        heard(Path(name))
    assert caught.value.what_to_do


def test_sound_that_begins_later_than_the_film_keeps_its_time() -> None:
    """Players count from the beginning of the film."""
    with av.open("late.mkv", "w") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE, layout="mono")
        film = container.add_stream("mpeg4", rate=5)
        film.width = film.height = 32
        film.pix_fmt = "yuv420p"
        container.mux(film.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")))
        sound = (voice(5, seed=5) * 32767).astype(np.int16)
        for start in range(0, len(sound), 1600):
            frame = av.AudioFrame.from_ndarray(sound[None, start : start + 1600], format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, start + 10 * RATE
            container.mux(stream.encode(frame))
        container.mux(film.encode(None))
    [window] = heard(Path("late.mkv")).windows
    assert isinstance(window, Window)
    assert window.start / RATE == pytest.approx(10, abs=0.4)
