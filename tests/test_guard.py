"""Nothing leaves by any way that a library or native code may take, and every attempt is named."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import pytest
from command import ENVIRONMENT, lecture_outline, write_lecture
from test_recordings import write_talk

GUARDED = "import socket, sys\nfrom lecture_outline.guard import GUARD\n{}\n{}"

BY_HAND = """
def tell(event, address):
    with socket.socket() as used:
        sys.audit(event, used, address)
"""


def guarded(code: str, begin: str = "GUARD.install()") -> subprocess.CompletedProcess[str]:
    """What a process with the guard says that does this."""
    return subprocess.run(
        [sys.executable, "-c", GUARDED.format(begin, code)],
        capture_output=True,
        text=True,
        check=False,
        env=ENVIRONMENT,
    )


@contextmanager
def listening(host: str = "127.0.0.1") -> Iterator[tuple[int, list[bytes]]]:
    """A server that answers nothing; its port, and the first bytes of all who came."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    came: list[bytes] = []
    with socket.socket(family) as server:
        server.bind((host, 0))
        server.listen()
        server.settimeout(0.05)
        done = threading.Event()

        def _serve() -> None:
            while not done.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(0.5)
                    came.append(connection.recv(100))

        serving = threading.Thread(target=_serve)
        serving.start()
        try:
            yield server.getsockname()[1], came
        finally:
            done.set()
            serving.join()


REFUSED = {
    "socket.create_connection(('192.0.2.1', 80))": "connect to 192.0.2.1 port 80",
    "socket.socket().connect(('192.0.2.1', 80))": "connect to 192.0.2.1 port 80",
    "socket.socket().connect_ex(('192.0.2.1', 80))": "connect to 192.0.2.1 port 80",
    "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))": "send to 192.0.2.1 port 53",
    "socket.socket(type=socket.SOCK_DGRAM).sendmsg([b'x'], [], 0, ('192.0.2.1', 53))": "send to 192.0.2.1",
    "socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))": "connect to 2001:db8::1 port 80",
    "socket.socket(socket.AF_INET6).connect(('::ffff:192.0.2.1', 80))": "connect to ::ffff:192.0.2.1",
    "socket.socket().bind(('0.0.0.0', 0))": "listen at 0.0.0.0 port 0",
    "socket.socket().bind(('', 0))": "listen at ",
    "socket.socket(socket.AF_UNIX).connect('/run/dbus/system_bus_socket')": "connect to a socket of the kind",
    "socket.getaddrinfo('words.of.the.lecture.example.org', 80)": "look up ….example.org",
    "socket.getaddrinfo('secret', 80)": "look up a name",
    "socket.gethostbyname('localhost')": "look up a name",
    "socket.gethostbyaddr('192.0.2.1')": "look up 192.0.2.1",
    "socket.getfqdn('192.0.2.1')": "look up 192.0.2.1",
    "socket.getnameinfo(('192.0.2.1', 80), 0)": "look up 192.0.2.1",
    "import urllib.request; urllib.request.urlopen('http://192.0.2.1/')": "connect to 192.0.2.1",
    "import httpx; httpx.get('https://example.org/')": "look up example.org",
    "import httpx, asyncio; asyncio.run(httpx.AsyncClient().get('http://192.0.2.1/'))": "connect to 192.0.2.1",
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_would_leave_is_refused_by_name(code: str) -> None:
    """Whichever library tries, the error says who and what, and no more of a name than its end."""
    done = guarded(code)
    assert done.returncode != 0
    assert "PrivacyError" in done.stderr
    assert f"tried to {REFUSED[code]}" in done.stderr
    assert "words.of" not in done.stderr.replace(code, "").splitlines()[-1]


def test_the_library_and_the_module_it_works_for_are_named() -> None:
    """So that a report of it is of use."""
    code = "from lecture_outline.language_model.wire import Wire\nfrom lecture_outline.privacy import ServerAddress\n"
    done = guarded(f"{code}Wire(ServerAddress('http://192.0.2.1:80'), patience_seconds=1).get('/')")
    assert "httpcore for lecture_outline.language_model.wire tried to connect to 192.0.2.1 port 80" in done.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_this_machine_may_be_spoken_to(host: str) -> None:
    """Loopback, in numbers, is where Ollama is."""
    with listening(host) as (port, came):
        done = guarded(
            f"with socket.create_connection(({host!r}, {port})) as one: one.sendall(b'x')\nprint(dict(GUARD.done))"
        )
    assert (done.stderr, came) == ("", [b"x"])
    assert f"{host} port {port}" in done.stdout


def test_an_allowed_name_leads_to_the_addresses_that_it_had_and_to_no_other() -> None:
    """A name server that answers otherwise a second time sends nobody elsewhere. Nothing is really sent here."""
    answer = "import _socket\n_socket.getaddrinfo = lambda *a, **k: [(2, 1, 6, '', ('192.0.2.1', 0))]"
    begin = f"GUARD.install()\n{answer}\n{BY_HAND}"
    allow = "print(GUARD.allow('gpu'))\n"
    assert guarded(f"{allow}tell('socket.connect', ('192.0.2.1', 80))", begin).stderr == ""
    assert guarded(f"{allow}sys.audit('socket.getaddrinfo', 'gpu', 80)", begin).stdout == "('192.0.2.1',)\n"
    assert "PrivacyError" in guarded(f"{allow}tell('socket.connect', ('192.0.2.2', 80))", begin).stderr
    assert "PrivacyError" in guarded(f"{allow}sys.audit('socket.getaddrinfo', 'gpu2', 80)", begin).stderr


def test_only_fetching_models_may_lift_it_and_it_is_counted() -> None:
    """For as long as that takes; afterwards all is as before."""
    begin = f"GUARD.install()\n{BY_HAND}"
    lifted = (
        "with GUARD.lifted():\n    sys.audit('socket.getaddrinfo', 'hub.example.org', 443)\nprint(dict(GUARD.done))\n"
    )
    done = guarded(f"{lifted}sys.audit('socket.getaddrinfo', 'hub.example.org', 443)", begin)
    assert "….example.org" in done.stdout
    assert "PrivacyError" in done.stderr


NATIVE = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print([libc.socket(family, kind, 0) for family in (2, 10) for kind in (1, 2, 3)], libc.syscall(425, 1, 0))
print(subprocess.run([sys.executable, "-c", "import socket; socket.socket()"], capture_output=True).stderr[-60:])
"""


def test_behind_the_barrier_native_code_and_its_children_open_no_socket() -> None:
    """The kernel refuses, so it does not matter who asks; it cannot be lifted either."""
    done = guarded(f"import subprocess{NATIVE}", "GUARD.isolate()")
    if "none: " in done.stderr:
        pytest.skip(f"this system has no such barrier: {done.stderr}")
    assert "in force" in done.stderr
    assert "[-1, -1, -1, -1, -1, -1] -1" in done.stdout
    assert "PermissionError" in done.stdout
    done = guarded("socket.create_connection(('127.0.0.1', 80))", "GUARD.isolate()")
    assert "PrivacyError: __main__ tried to open a socket of the network" in done.stderr
    assert '{"refused": ["open", "a socket of the network", "__main__"]}' in done.stderr


def http_list(port: int) -> dict[str, str]:
    """Files that name an address of the network, as FFmpeg's own kinds of lists."""
    url = f"http://127.0.0.1:{port}/part.ts"
    return {
        "hls": f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:9,\n{url}\n#EXT-X-ENDLIST\n",
        "concat": f"ffconcat version 1.0\nfile '{url}'\n",
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
        "rtsp": f"RTSPtextRTSP://127.0.0.1:{port}/x\n",
        "dash": f"<MPD xmlns='urn:mpeg:dash:schema:mpd:2011'><BaseURL>{url}</BaseURL></MPD>",
    }


def test_ffmpeg_would_fetch_what_a_list_names() -> None:
    """Without this the next test could not fail."""
    with listening() as (port, came):
        for kind, name in (("hls", "talk.m3u8"), ("concat", "talk.mp3")):
            Path(name).write_text(http_list(port)[kind])
            with pytest.raises(av.FFmpegError):
                av.open(name, options={"protocol_whitelist": "file,http,tcp", "safe": "0"}, timeout=5)
    assert [line.split()[:2] for line in came] == [[b"GET", b"/part.ts"]] * 2


def test_a_recording_that_names_other_places_makes_nobody_go_there(babbler: Path) -> None:
    """Playlists and session descriptions under the names of recordings are refused, and the server sees nothing."""
    with listening() as (port, came):
        names = []
        for kind, text in http_list(port).items():
            for ending in ("mp3", "mp4", "ts"):
                names.append(f"{kind}.{ending}")
                Path(names[-1]).write_text(text)
        done = lecture_outline("transcribe", *names, "--asr", babbler, code=1)
    assert came == []
    assert done.stderr.count("Error: ") == len(names)


def test_results_and_checkpoints_are_their_owners_alone_whatever_the_system_allows(babbler: Path) -> None:
    """Also folders that are made on the way, and also where the umask lets everybody read."""
    write_lecture()
    write_talk("sound.wav", parts=2)
    before = os.umask(0)
    try:
        lecture_outline("run", "talk.srt", "sound.wav", "-o", "new/deep/out", "--asr", babbler, "--report-privacy")
        lecture_outline("export", "new/deep/out/talk", "--to", "txt")
    finally:
        os.umask(before)
    made = [Path("new"), *Path("new").rglob("*")]
    assert len(made) > 20
    assert [path for path in made if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def test_a_crash_leaves_no_memory_behind() -> None:
    """Neither in a file nor, where the system pipes dumps to a program, anywhere else: the limit says so."""
    done = guarded(
        "import resource, os; print(resource.getrlimit(resource.RLIMIT_CORE)); sys.stdout.flush(); os.abort()"
    )
    assert done.stdout == "(1, 1)\n"
    assert not list(Path().glob("core*"))


def test_telemetry_of_libraries_is_off_before_they_are_loaded() -> None:
    """onnxruntime reads its switch once."""
    done = guarded("import os; print(os.environ['ORT_DISABLE_TELEMETRY'])")
    assert done.stdout == "1\n"


def test_the_report_names_connections_programs_and_files(babbler: Path) -> None:
    """What was connected to and by whom, the barrier of the processes that read the recording, and every file."""
    from ollama_double import OllamaDouble

    write_talk("talk.wav", parts=2)
    with OllamaDouble() as double:
        words = ("run", "talk.wav", "--asr", babbler, "--ollama", double.url, "--model", "tiny", "--report-privacy")
        done = lecture_outline(*words)
    report = json.loads(Path("outlines/talk/privacy.json").read_text())
    [connection] = report["connections"]
    assert connection["place"] == double.url.removeprefix("http://").replace(":", " port ")
    assert connection["by"] == "httpcore for lecture_outline.language_model.wire"
    assert report["refused"] == []
    assert [(child["barrier"].split(":")[0], child["refused"]) for child in report["children"]] == [
        ("in force", [])
    ] * 2
    written = {Path(name) for name in report["written"]}
    assert written >= {path.absolute() for path in Path("outlines").rglob("*") if path.is_file()} - {
        Path("outlines/talk/privacy.json").absolute(),
        *(path.absolute() for path in Path("outlines/talk/.work").iterdir()),
    }
    assert all(path.is_relative_to(Path("outlines").absolute()) for path in written)
    assert "Nothing was refused" in done.stderr
