"""Chapters in copies of recordings: seen by FFmpeg and mutagen, sound and film untouched, all tags and covers there."""

from __future__ import annotations

import hashlib
import stat
import subprocess
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from command import lecture_outline
from mutagen.id3 import APIC, CHAP, ID3, TIT2, TXXX
from mutagen.mp4 import MP4, MP4Cover

from lecture_outline import secluded
from lecture_outline.children import Children
from lecture_outline.embedding import embed_chapters
from lecture_outline.errors import InputError, OutputError
from lecture_outline.rendering.chapters import Chapter

MARKS = [Chapter(0, 1_000, "One <b> [[x]] ; = # \\"), Chapter(1_000, 2_500, "Dvě žluté 学习 \u202eabc")]
COVER = b"\xff\xd8\xff\xe0" + b"picture" * 40
RATE = 44_100
SECONDS = 3


def sound() -> Iterator[av.AudioFrame]:
    wave = (np.sin(np.arange(RATE * SECONDS) / 20) * 8_000).astype(np.int16)
    for start in range(0, len(wave), 1_152):
        frame = av.AudioFrame.from_ndarray(wave[None, start : start + 1_152], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        yield frame


def write_recording(
    path: str, *, film: bool = False, old_chapters: bool = False, options: dict[str, str] | None = None
) -> Path:
    """A recording of three seconds with tags, and with film, attachments and chapters where asked."""
    kind = {".mp3": "mp3", ".m4a": "ipod", ".mp4": "mp4", ".mkv": "matroska", ".ogg": "ogg"}[Path(path).suffix]
    codec = {"mp3": "libmp3lame", "ogg": "libvorbis"}.get(kind, "aac")
    with av.open(path, "w", format=kind, options=options or {}) as file:
        file.metadata.update({"title": "The lecture", "artist": "A. Teacher", "room": "B 12"})
        voice = file.add_stream(codec, rate=RATE)
        voice.metadata["language"] = "ces"
        picture = file.add_stream("h264", rate=10) if film else None
        if picture:
            picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        if kind == "matroska":
            file.add_attachment("font.ttf", "font/ttf", b"letters" * 9)
        if old_chapters:
            old = {"id": 0, "start": 0, "end": 900, "time_base": Fraction(1, 1000), "metadata": {"title": "old"}}
            file.set_chapters([old])
        resampler = av.AudioResampler(format=voice.format.name, layout="mono", rate=RATE, frame_size=voice.frame_size)
        for frame in [*sound(), None]:
            for piece in resampler.resample(frame):
                file.mux(voice.encode(piece))
        file.mux(voice.encode(None))
        for number in range(10 * SECONDS if picture else 0):
            frame = av.VideoFrame(64, 48, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            file.mux(picture.encode(frame))
        if picture:
            file.mux(picture.encode(None))
    return Path(path)


def packets(path: Path) -> list[tuple[str, str]]:
    """Every track of sound and film with the digest of all its bytes."""
    found = []
    with av.open(path) as file:
        count = len(file.streams)
    for index in range(count):
        with av.open(path) as file:
            stream = file.streams[index]
            if stream.type in ("audio", "video"):
                content = b"".join(bytes(packet) for packet in file.demux(stream))
                found.append((stream.name, hashlib.sha256(content).hexdigest()))
    return found


def chapters(path: Path) -> list[tuple[float, float, str]]:
    with av.open(path) as file:
        return [
            (
                float(entry["start"] * entry["time_base"]),
                float(entry["end"] * entry["time_base"]),
                entry["metadata"]["title"],
            )
            for entry in file.chapters()
        ]


EXPECTED = [(mark.start_ms / 1000, mark.end_ms / 1000, mark.title) for mark in MARKS]


@pytest.mark.parametrize("name", ["talk.mp4", "talk.m4a", "talk.mkv", "talk.mp3"])
@pytest.mark.parametrize("old", [False, True])
def test_the_copy_has_the_chapters_and_all_that_was_there(name: str, old: bool) -> None:
    """FFmpeg sees them, in place of old ones; tracks, their languages and tags are those of before."""
    source = write_recording(name, film=name.endswith(("mp4", "mkv")), old_chapters=old)
    before = source.read_bytes()
    copy = Path(f"copy{source.suffix}")
    embed_chapters(source, copy, MARKS)
    assert chapters(copy) == EXPECTED
    assert packets(copy) == packets(source)
    with av.open(source) as first, av.open(copy) as second:
        tags = [{key.lower(): value for key, value in file.metadata.items()} for file in (first, second)]
        assert tags[0]["artist"] == tags[1]["artist"] == "A. Teacher" and tags[0]["title"] == tags[1]["title"]
        languages = [[one.metadata.get("language") for one in file.streams.audio] for file in (first, second)]
        assert languages[0] == languages[1]
        attachments = [
            [(one.name, bytes(one.data)) for one in file.streams if one.type == "attachment"]
            for file in (first, second)
        ]
        assert attachments[0] == attachments[1] and bool(attachments[0]) == name.endswith("mkv")
    assert source.read_bytes() == before
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert not list(Path().glob(".*.part"))


def test_chapters_again_take_the_place_of_our_own() -> None:
    """A copy can be given other chapters: the track that held the first ones is not in the way."""
    source = write_recording("talk.mp4")
    embed_chapters(source, Path("once.mp4"), [(0, 2_000, "before")])
    embed_chapters(Path("once.mp4"), Path("twice.mp4"), MARKS)
    assert chapters(Path("twice.mp4")) == EXPECTED
    with av.open("once.mp4") as once, av.open("twice.mp4") as twice:
        assert len(twice.streams) == len(once.streams)


def test_covers_and_tags_of_one_s_own_stay_in_an_mp4() -> None:
    """All that mutagen sees in the original, byte for byte."""
    source = write_recording("talk.m4a")
    tagged = MP4(source)
    tagged["covr"] = [MP4Cover(COVER, MP4Cover.FORMAT_JPEG)]
    tagged["----:org.example:course"] = [b"Bridges"]
    tagged["trkn"] = [(3, 12)]
    tagged.save()
    embed_chapters(source, Path("copy.m4a"), MARKS)
    assert dict(MP4("copy.m4a").tags) == dict(MP4(source).tags)
    assert [chapter.title for chapter in MP4("copy.m4a").chapters] == [mark.title for mark in MARKS]
    assert packets(Path("copy.m4a"))[0] == packets(source)[0]


def test_tags_that_telephones_write_stay_too() -> None:
    """Tags under free names, which no player shows, are in another place of an MP4."""
    source = write_recording("talk.mp4", film=True, options={"movflags": "use_metadata_tags"})
    embed_chapters(source, Path("copy.mp4"), MARKS)
    with av.open("copy.mp4") as copy:
        assert copy.metadata["room"] == "B 12"


def test_an_mp3_keeps_every_frame_of_its_tags_and_every_byte_of_its_sound() -> None:
    """Cover, lyrics and frames of one's own stay, old chapters go; the sound behind the tags is the same."""
    source = write_recording("talk.mp3")
    tags = ID3(source)
    tags.add(APIC(encoding=3, mime="image/jpeg", type=3, desc="front", data=COVER))
    tags.add(TXXX(encoding=3, desc="course", text=["Bridges"]))
    tags.add(CHAP(element_id="old", start_time=0, end_time=9, sub_frames=[TIT2(encoding=3, text=["old"])]))
    tags.save(source)
    embed_chapters(source, Path("copy.mp3"), MARKS)
    copy = ID3("copy.mp3")
    kept = {key: frame for key, frame in ID3(source).items() if not key.startswith("CHAP")}
    assert {key: frame for key, frame in copy.items() if not key.startswith(("CHAP", "CTOC"))} == kept
    assert [str(chapter.sub_frames["TIT2"]) for chapter in copy.getall("CHAP")] == [mark.title for mark in MARKS]
    [contents] = copy.getall("CTOC")
    assert contents.child_element_ids == [chapter.element_id for chapter in copy.getall("CHAP")]
    assert chapters(Path("copy.mp3")) == EXPECTED
    assert packets(Path("copy.mp3")) == packets(source)


def test_an_mp3_without_any_tags_gets_some() -> None:
    """The commonest recording of all."""
    source = write_recording("talk.mp3")
    ID3(source).delete()
    embed_chapters(source, Path("copy.mp3"), MARKS)
    assert chapters(Path("copy.mp3")) == EXPECTED


def test_the_last_chapter_ends_with_the_recording() -> None:
    """A last word whose end was guessed too late makes no recording longer."""
    source = write_recording("talk.mkv")
    embed_chapters(source, Path("copy.mkv"), [*MARKS[:1], MARKS[1]._replace(end_ms=9_000)])
    assert chapters(Path("copy.mkv"))[-1][1] < SECONDS + 0.1


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("talk.wav", b"RIFF", "no place for chapters"),
        ("talk.mp3", b"nothing of music", "not an MP3"),
        ("talk.mp4", b"nothing of film", "not an MP4"),
        ("talk.mkv", b"nothing of film", "cannot be copied"),
    ],
)
def test_what_cannot_have_chapters_is_refused(name: str, content: bytes, complaint: str) -> None:
    """The reason is told, the file named, and nothing is left behind."""
    Path(name).write_bytes(content)
    with pytest.raises(InputError, match=complaint) as refused:
        embed_chapters(Path(name), Path("copy" + Path(name).suffix), MARKS)
    assert name in refused.value.message
    assert sorted(path.name for path in Path().iterdir()) == ["home", name]


def test_a_recording_that_is_cut_off_leaves_no_copy() -> None:
    """Half an MP4 is no MP4."""
    source = write_recording("talk.mp4", film=True)
    source.write_bytes(source.read_bytes()[:-600])
    with pytest.raises(InputError):
        embed_chapters(source, Path("copy.mp4"), MARKS)
    assert not Path("copy.mp4").exists() and not list(Path().glob(".*.part"))


def test_another_recording_is_noticed_by_its_length() -> None:
    """A topic that begins after the end of the sound belongs to another file."""
    source = write_recording("talk.mp4")
    with pytest.raises(InputError, match="lasts 00:00:03, but a topic begins at 00:01:00"):
        embed_chapters(source, Path("copy.mp4"), [(0, 60_000, "a"), (60_000, 70_000, "b")])


def test_a_file_that_is_there_is_not_overwritten() -> None:
    """Least of all the original."""
    source = write_recording("talk.mp4")
    with pytest.raises(OutputError, match="is there already"):
        embed_chapters(source, source, MARKS)


def srt(seconds: int = 3) -> str:
    return "".join(
        f"{n}\n00:00:0{n - 1},000 --> 00:00:0{n - 1},900\nSentence {n} of it.\n\n" for n in range(1, seconds + 1)
    )


def test_the_command_finds_the_recording_beside_the_transcript() -> None:
    """Without a name too; the copy is among the results, a second time it is in the way, and -o says where else."""
    Path("talk.srt").write_text(srt(), encoding="utf-8")
    write_recording("talk.mp4", film=True)
    lecture_outline("run", "talk.srt", "-q")
    done = lecture_outline("export", "outlines/talk", "--embed-chapters")
    assert done.stdout == "outlines/talk/talk.chapters.mp4\n"
    assert chapters(Path("outlines/talk/talk.chapters.mp4"))[0][0] == 0
    assert "is there already" in lecture_outline("export", "outlines/talk", "--embed-chapters", code=1).stderr
    lecture_outline("export", "outlines/talk", "--embed-chapters", "talk.mp4", "-o", "watch/talk.mp4")
    assert chapters(Path("watch/talk.mp4"))
    lecture_outline("verify", "outlines/talk")


def test_the_command_says_which_recording_it_lacks() -> None:
    """None beside the transcript, none at the name given, and times that are no times."""
    Path("talk.srt").write_text(srt(), encoding="utf-8")
    lecture_outline("run", "talk.srt", "-q")
    assert "Name it" in lecture_outline("export", "outlines/talk", "--embed-chapters", code=2).stderr
    assert (
        "no.mp4 is not there" in lecture_outline("export", "outlines/talk", "--embed-chapters", "no.mp4", code=1).stderr
    )
    Path("plain.txt").write_text("One sentence. Another one.\n", encoding="utf-8")
    lecture_outline("run", "plain.txt", "-q", "--duration", "00:00:03")
    approximate = lecture_outline("export", "outlines/plain", "--embed-chapters", "no.mp4", code=2)
    assert "need exact times" in approximate.stderr


@pytest.mark.parametrize("is_gone_before_it_is_asked", [False, True])
def test_what_breaks_down_in_the_copying_costs_the_copy_alone(
    monkeypatch: pytest.MonkeyPatch, is_gone_before_it_is_asked: bool
) -> None:
    """The signal is named, and nothing half-made stays."""
    source = write_recording("talk.mp4")
    monkeypatch.setattr(secluded, "CHILD", "import os; os.kill(os.getpid(), 11)")
    begin = Children.begin

    def begin_and_wait(children: Children, start: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
        child = begin(children, start)
        child.wait()
        return child

    if is_gone_before_it_is_asked:
        monkeypatch.setattr(Children, "begin", begin_and_wait)
    with pytest.raises(InputError, match="what reads it broke down \\(SIGSEGV\\)"):
        embed_chapters(source, Path("copy.mp4"), MARKS)
    assert [path.name for path in Path().iterdir() if path.is_file()] == ["talk.mp4"]
