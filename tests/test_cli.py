"""The command: what it writes, what it says, and the exit codes of the contract."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import click
import pytest
from command import contents, lecture_outline, write_lecture
from lectures import as_srt, lecture

from lecture_outline.cli import COMMANDS, cli
from lecture_outline.outline import in_order
from lecture_outline.outline_commands import FORMAT_NAMES
from lecture_outline.rendering import FORMATS
from lecture_outline.results import ResultFolder

RESULTS = [
    *("chapters.json", "chapters.vtt", "lecture.json", "outline.html", "outline.json", "outline.md"),
    *("transcript.srt", "transcript.vtt"),
]


def names(folder: str | Path) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir() if not path.name.startswith("."))


def test_a_run_writes_every_result_for_its_owner_only() -> None:
    """`run talk.srt` fills outlines/talk/ with files that nobody else can read."""
    write_lecture()
    done = lecture_outline("run", "talk.srt")
    folder = Path("outlines/talk")
    assert names(folder) == RESULTS
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir() if path.is_file()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert done.stdout.splitlines()[0] == "outlines/talk"
    assert done.stdout.splitlines()[1].startswith("  00:00:00  ")
    assert "built-in outliner" in done.stderr


def test_a_second_run_does_nothing_and_says_so() -> None:
    """Nothing is written again, and the outline is shown all the same."""
    write_lecture()
    first = lecture_outline("run", "talk.srt")
    written = {path: path.stat().st_mtime_ns for path in Path("outlines/talk").iterdir() if path.is_file()}
    second = lecture_outline("run", "talk.srt")
    assert "nothing to do" in second.stderr
    assert second.stdout == first.stdout
    assert {path: path.stat().st_mtime_ns for path in Path("outlines/talk").iterdir() if path.is_file()} == written


def test_a_changed_option_redoes_only_what_it_touches() -> None:
    """Another wish for titles uses the finished transcript and the finished outline."""
    write_lecture()
    lecture_outline("run", "talk.srt")
    before = names("outlines/talk/.work")
    lecture_outline("run", "talk.srt", "--titles", "source")
    assert names("outlines/talk/.work") == before
    lecture_outline("run", "talk.srt", "--language", "cs")
    assert len(names("outlines/talk/.work")) == len(before) + 1


@pytest.mark.parametrize("year", [1971, 2099])
def test_the_dates_of_files_mean_nothing(year: int) -> None:
    """A clock that was wrong makes no result stale, and none that was changed is trusted for its date."""
    source = write_lecture()
    lecture_outline("run", source)
    outline = Path("outlines/talk/outline.json")
    for path in [source, *Path("outlines").rglob("*")]:
        os.utime(path, ((year - 1970) * 365 * 24 * 3600,) * 2)
    assert "nothing to do" in lecture_outline("run", source).stderr
    date = outline.stat().st_mtime_ns
    outline.write_bytes(outline.read_bytes().replace(b"start_time", b"start_tyme"))
    os.utime(outline, ns=(date, date))
    assert "outline.json was changed by hand" in lecture_outline("run", source).stderr


def test_fresh_redoes_everything_with_the_same_bytes() -> None:
    """Nothing in the results depends on when or how often they are made."""
    write_lecture()
    lecture_outline("run", "talk.srt")
    before = contents(Path("outlines/talk"))
    done = lecture_outline("run", "talk.srt", "--fresh")
    assert "nothing to do" not in done.stderr
    assert contents(Path("outlines/talk")) == before


def test_a_missing_result_is_written_again() -> None:
    """A second run mends what was deleted."""
    write_lecture()
    lecture_outline("run", "talk.srt")
    Path("outlines/talk/outline.md").unlink()
    lecture_outline("run", "talk.srt")
    assert names("outlines/talk") == RESULTS


def test_what_a_person_wrote_is_never_overwritten() -> None:
    """A corrected outline stays through a second run, and is kept beside the new one when that must be written."""
    write_lecture()
    lecture_outline("run", "talk.srt")
    outline = Path("outlines/talk/outline.md")
    outline.write_text("my own words", encoding="utf-8")
    assert "changed by hand" in lecture_outline("run", "talk.srt").stderr
    assert outline.read_text(encoding="utf-8") == "my own words"
    assert "kept as outline.edited-1.md" in lecture_outline("run", "talk.srt", "--fresh").stderr
    assert Path("outlines/talk/outline.edited-1.md").read_text(encoding="utf-8") == "my own words"
    assert "00:00:00" in outline.read_text(encoding="utf-8")


def test_two_lectures_of_one_name_never_share_a_folder() -> None:
    """Not in one run, and not in two."""
    write_lecture("a/talk.srt", seed=1)
    write_lecture("b/talk.srt", seed=2)
    lecture_outline("run", "a/talk.srt", "b/talk.srt")
    first = contents(Path("outlines/talk")), contents(Path("outlines/talk-2"))
    assert first[0] != first[1]
    lecture_outline("run", "b/talk.srt")
    lecture_outline("run", "a/talk.srt")
    assert (contents(Path("outlines/talk")), contents(Path("outlines/talk-2"))) == first
    assert names("outlines") == ["talk", "talk-2"]


def test_a_folder_that_is_not_ours_is_left_alone() -> None:
    """Somebody's notes in outlines/talk stay, and the results go beside them."""
    write_lecture()
    Path("outlines/talk").mkdir(parents=True)
    Path("outlines/talk/outline.md").write_text("notes", encoding="utf-8")
    lecture_outline("run", "talk.srt")
    assert Path("outlines/talk/outline.md").read_text(encoding="utf-8") == "notes"
    assert names("outlines/talk-2") == RESULTS


@pytest.mark.parametrize("name", ["..srt", ".srt", "...json", "-o.srt", "a b\n\x1b[31mred.srt", "č.srt"])
def test_odd_file_names_lead_nowhere_else(name: str) -> None:
    """A name can neither escape the results folder nor colour the terminal."""
    write_lecture(f"in/{name}", cues=20)
    done = lecture_outline("run", f"in/{name}")
    [folder] = Path("outlines").iterdir()
    assert names(folder) == RESULTS
    assert "\x1b" not in done.stdout + done.stderr


def test_a_bad_input_stops_nothing_else() -> None:
    """Each failure names its file and the next step; the others are done; the exit code is 1."""
    write_lecture("good.srt")
    Path("empty.srt").touch()
    Path("picture.srt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    done = lecture_outline("run", "missing.srt", "empty.srt", "picture.srt", "good.srt", code=1)
    for name in ("missing.srt", "empty.srt", "picture.srt"):
        assert f"Error: {name}" in done.stderr
    assert done.stderr.count("Try:") == 3
    assert names("outlines") == ["good"]
    assert names("outlines/good") == RESULTS


def test_lines_that_could_not_be_read_make_a_run_degraded() -> None:
    """Exit code 3 says that words were left out, unless that is allowed; the outline is there."""
    path = write_lecture(cues=40)
    path.write_text(path.read_text(encoding="utf-8") + "\n\n41\n99:xx --> oops\nlost words\n", encoding="utf-8")
    done = lecture_outline("run", path, code=3)
    assert "not complete" in done.stderr
    assert names("outlines/talk") == RESULTS
    lecture_outline("run", path, code=3)
    lecture_outline("run", path, "--allow-degraded", code=0)
    lecture_outline("run", path, code=0, LECTURE_OUTLINE_ALLOW_DEGRADED="1")


def test_a_lecture_that_is_half_a_loop_is_not_a_success() -> None:
    """Where recognition was stuck for more than a pause, the run is degraded and says how much is missing."""
    half = lecture(100).cues
    stuck = [cue.model_copy(update={"text": "blblblblblblblbl"}) for cue in half[50:]]
    transcript = lecture(100).model_copy(update={"cues": (*half[:50], *stuck)})
    Path("talk.srt").write_text(as_srt(transcript), encoding="utf-8")
    done = lecture_outline("run", "talk.srt", code=3)
    assert "50 of 100 cues are noise or loops" in done.stderr
    lecture_outline("verify", "outlines/talk")


def test_what_a_format_says_is_no_speech_does_not_make_a_run_degraded() -> None:
    """Headers, comments and names of cues are in the receipt, and nothing was lost."""
    Path("talk.vtt").write_text(
        "WEBVTT - A talk\nKind: captions\nLanguage: en\n\nNOTE made by hand\n\n"
        "opening words\n00:01.000 --> 00:02.000\nGlaciers move.\n\n00:02.000 --> 00:03.000\nThey carve valleys.\n",
        encoding="utf-8",
    )
    lecture_outline("run", "talk.vtt", code=0)
    receipt = json.loads(Path("outlines/talk/lecture.json").read_bytes())["receipt"]
    assert [part["may_be_speech"] for part in receipt["unread"]] == [False, False, False]


def test_json_is_for_programs() -> None:
    """--json prints one entry an input, and nothing else on stdout."""
    write_lecture("good.srt")
    done = lecture_outline("run", "good.srt", "bad.srt", "--json", code=1)
    good, bad = json.loads(done.stdout)
    record = ResultFolder(Path("outlines/good")).record()
    assert good.pop("seconds") > 0
    assert good == {
        "input": "good.srt",
        "status": "done",
        "folder": "outlines/good",
        "duration": record.source.duration,
        "topics": len(list(in_order(record.outline))),
        "outlined_by": "builtin",
        "titles_kept": 0,
        "titles_reason": None,
        "degraded": [],
        "error": None,
        "what_to_do": None,
    }
    assert (bad["status"], bad["folder"]) == ("failed", None)
    assert bad["error"]


def test_folders_and_patterns_are_searched() -> None:
    """A folder means all transcripts below it but our own results; one lecture in two formats is done once."""
    write_lecture("in/one.srt", cues=30)
    write_lecture("in/deep/two.srt", cues=30, seed=1)
    write_lecture("in/.hidden/no.srt", cues=30)
    Path("in/one.txt").write_text("The same words again. And again.", encoding="utf-8")
    done = lecture_outline("run", "in", "-o", "in/notes")
    assert names("in/notes") == ["one", "two"]
    assert "in/one.txt is left out" in done.stderr
    lecture_outline("run", "in", "-o", "in/notes")
    assert names("in/notes") == ["one", "two"]
    lecture_outline("run", "in/**/t*.srt", "-o", "other")
    assert names("other") == ["two"]


def test_wishes_come_from_flags_then_variables_then_the_file() -> None:
    """Each place outdoes the ones after it."""
    write_lecture(cues=20)
    Path("lecture-outline.toml").write_text('titles = "pl"\nlanguage = "sk"\n', encoding="utf-8")

    def wishes() -> tuple[str, str]:
        options = json.loads(Path("outlines/talk/lecture.json").read_bytes())["made_by"]["options"]
        return options["titles"], options["language"]

    lecture_outline("run", "talk.srt")
    assert wishes() == ("pl", "sk")
    lecture_outline("run", "talk.srt", LECTURE_OUTLINE_TITLES="de")
    assert wishes() == ("de", "sk")
    lecture_outline("run", "talk.srt", "--titles", "cs", LECTURE_OUTLINE_TITLES="de")
    assert wishes() == ("cs", "sk")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("engin = 'auto'", "Did you mean 'engine'?"),
        ("titles = ", "not valid TOML"),
        ("titles = 'x1'", "x1"),
        ("titles = 5", "wrong kind"),
        ("output = ['x']", "wrong kind"),
        ("allow_degraded = 'maybe'", "wrong kind"),
        ("word_times = 'yes'", "wrong kind"),
        ("hotwords = 'none.txt'", "there is no file none.txt"),
        ("language = 'cs,xx'", "'xx' is not the code of a language"),
    ],
)
def test_a_wrong_settings_file_is_refused(text: str, complaint: str) -> None:
    """A wish that would be ignored is an error."""
    write_lecture(cues=5)
    Path("mine.toml").write_text(text, encoding="utf-8")
    done = lecture_outline("run", "talk.srt", "--config", "mine.toml", code=2)
    assert complaint in done.stderr
    assert not Path("outlines").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["run"],
        ["run", "x.srt", "--engine", "cloud"],
        ["run", "x.txt", "--duration", "soon"],
        ["run", "x.txt", "--titles", "klingon!"],
        ["run", "x.txt", "--language", "cs,,en"],
        ["run", "x.txt", "--language", "cs,qq"],
        ["verify", "nowhere"],
        ["export", ".", "--to", "pages"],
        ["export", "."],
        ["import", ".", "x.md", "--undo"],
        ["show", ".", "--depth", "0"],
        ["fly"],
    ],
)
def test_wrong_usage_is_exit_code_2(words: list[str]) -> None:
    """click explains what is wrong with the words."""
    assert "Error" in lecture_outline(*words, code=2).stderr


def test_export_writes_the_results_again() -> None:
    """From the record alone, without the transcript file."""
    write_lecture()
    lecture_outline("run", "talk.srt")
    before = contents(Path("outlines/talk"))
    Path("talk.srt").unlink()
    for name in ("outline.md", "outline.html", "outline.json", "transcript.srt", "transcript.vtt"):
        Path("outlines/talk", name).unlink()
    done = lecture_outline(
        "export", "outlines/talk", *(f"--to={name}" for name in ("md", "html", "json", "srt", "vtt"))
    )
    assert contents(Path("outlines/talk")) == before
    assert "outlines/talk/outline.md" in done.stdout
    lecture_outline("export", "outlines/talk", "--to", "txt")
    assert Path("outlines/talk/transcript.txt").exists()


def test_a_language_that_is_not_spoken_is_doubted() -> None:
    """The wish holds, and the user is told what the words look like; the right language is not remarked."""
    write_lecture()
    assert "look like English" in lecture_outline("run", "talk.srt", "--language", "pl").stderr
    assert "look like" not in lecture_outline("run", "talk.srt", "--language", "en").stderr


def test_of_several_languages_the_words_of_a_transcript_decide() -> None:
    """Between those named; the first of them where the words are in none, which is said."""
    write_lecture()

    def language(*words: str) -> tuple[str, str]:
        said = lecture_outline("run", "talk.srt", *words).stderr
        return json.loads(Path("outlines/talk/lecture.json").read_bytes())["source"]["language"], said

    assert language("--language", "cs,en,cs")[0] == "en"
    code, said = language("--language", "pl,cs")
    assert code == "pl"
    assert "--language says Polish or Czech, but the words look like English." in said


def test_what_was_exported_is_made_again_with_the_rest() -> None:
    """A run with another option does not take an export away."""
    write_lecture()
    lecture_outline("run", "talk.srt")
    lecture_outline("export", "outlines/talk", "--to", "txt")
    lecture_outline("run", "talk.srt", "--titles", "source")
    assert names("outlines/talk") == [*RESULTS[:-2], "transcript.srt", "transcript.txt", "transcript.vtt"]


def test_export_knows_every_format() -> None:
    """The names in --help are the formats there are."""
    assert tuple(FORMATS) == FORMAT_NAMES


def test_a_folder_cannot_allow_another_machine() -> None:
    """A settings file that is merely there may not; the same file named by the user may."""
    write_lecture()
    Path("lecture-outline.toml").write_text('allow_host = ["example"]\n', encoding="utf-8")
    done = lecture_outline("run", "talk.srt", code=2)
    assert "lecture-outline.toml in this folder may not say allow_host" in done.stderr
    lecture_outline("run", "talk.srt", "--config", Path("lecture-outline.toml").absolute())


def test_plain_text_gets_times_by_position_marked_as_such() -> None:
    """Without --duration there are no times; with it they are approximate wherever they are shown."""
    Path("talk.txt").write_text(
        "The first thing said. Then another one! And is this the last? It is.", encoding="utf-8"
    )
    lecture_outline("run", "talk.txt")
    assert json.loads(Path("outlines/talk/outline.json").read_bytes())[0]["start_time"] is None
    assert names("outlines/talk") == ["lecture.json", "outline.html", "outline.json", "outline.md", "transcript.txt"]
    done = lecture_outline("run", "talk.txt", "--duration", "00:32:10")
    assert json.loads(Path("outlines/talk/outline.json").read_bytes())[0]["start_time"] == "00:00:00"
    assert names("outlines/talk") == [
        "chapters.approximate.json",
        "chapters.approximate.vtt",
        "lecture.json",
        "outline.html",
        "outline.json",
        "outline.md",
        "transcript.approximate.srt",
        "transcript.approximate.vtt",
        "transcript.txt",
    ]
    assert "≈00:00:00" in done.stdout
    assert "≈ 00:00:00" in Path("outlines/talk/outline.md").read_text(encoding="utf-8")
    assert "approximate" in Path("outlines/talk/transcript.approximate.vtt").read_text(encoding="utf-8")
    lecture_outline("verify", "outlines/talk")
    assert "--duration" in lecture_outline("run", "talk.txt").stderr


@pytest.mark.parametrize("closing", ["2>errors | head -n 1", "2>&1 | head -n 0"])
def test_a_reader_who_has_seen_enough_stops_nothing(closing: str) -> None:
    """`| head` must not keep later lectures from being done, whichever stream it closes."""
    write_lecture("a.srt")
    write_lecture("b.srt", seed=1)
    command = f"{sys.executable} -m lecture_outline run a.srt b.srt {closing}"
    subprocess.run(["bash", "-c", command], check=True, capture_output=True)
    assert names("outlines") == ["a", "b"]


def test_a_terminal_without_the_letters_loses_no_run() -> None:
    """Where Czech cannot be shown it is spelt out, and the lectures after it are done."""
    Path("a.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nŽluťoučký kůň úpěl.\n", encoding="utf-8")
    write_lecture("b.srt")
    done = lecture_outline("run", "a.srt", "b.srt", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert "\\u017d" in done.stdout
    assert names("outlines") == ["a", "b"]


def test_strange_names_and_places_stop_nothing_else() -> None:
    """Names that no disk takes, names that are no text, empty folders: each is named, the others are done."""
    write_lecture("good.srt")
    Path("empty").mkdir()
    odd = os.fsdecode(b"in\xff.srt")
    write_lecture(odd, seed=5)
    write_lecture("taken.srt", seed=4)
    lecture_outline("run", "taken.srt")
    outline = Path("outlines/taken/outline.json")
    outline.unlink()
    outline.mkdir()
    done = lecture_outline("run", "x" * 300, "empty", "none-*.srt", odd, "taken.srt", "good.srt", "--json", code=1)
    statuses = [outcome["status"] for outcome in json.loads(done.stdout)]
    assert statuses == ["failed", "failed", "failed", "done", "failed", "done"]
    assert done.stderr.count("Try:") == 4


def test_the_doctor_finds_what_is_wrong() -> None:
    """A healthy machine gives 0; each problem is named with its fix and gives 1."""
    assert "PROBLEM" not in lecture_outline("doctor").stdout
    Path("notes").write_text("a file", encoding="utf-8")
    Path("lecture-outline.toml").write_text('titles = "x1"\noutput = "notes/out"', encoding="utf-8")
    done = lecture_outline("doctor", code=1)
    assert done.stdout.count("PROBLEM") == 1
    assert "setting titles" in done.stdout
    assert "notes/out" in done.stdout
    Path("lecture-outline.toml").write_text("nonsense = 1", encoding="utf-8")
    assert "unknown setting" in lecture_outline("doctor", code=2).stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_offered_for_each_shell(shell: str) -> None:
    """The script names the command."""
    assert "lecture-outline" in lecture_outline("completion", shell).stdout


def test_completion_completes() -> None:
    """What a shell asks is answered with the commands there are."""
    done = lecture_outline(_LECTURE_OUTLINE_COMPLETE="bash_complete", COMP_WORDS="lecture-outline ver", COMP_CWORD="1")
    assert "verify" in done.stdout
    done = lecture_outline(
        _LECTURE_OUTLINE_COMPLETE="bash_complete", COMP_WORDS="lecture-outline models pu", COMP_CWORD="2"
    )
    assert "pull" in done.stdout


def test_every_command_and_option_explains_itself() -> None:
    """--help leaves nothing to guess."""
    for name, command in {"": cli, **{one.name: one.loaded() for one in COMMANDS}}.items():
        assert command.help, name
        assert lecture_outline(*name.split(), "--help").stdout.startswith("Usage: ")
        assert all(option.help for option in command.params if isinstance(option, click.Option)), name


def test_every_command_is_listed_by_its_own_name_in_a_line_of_its_own() -> None:
    """Also on a narrow terminal."""
    assert [one.name for one in COMMANDS] == [one.loaded().name for one in COMMANDS]
    _, _, listed = lecture_outline("--help", COLUMNS="80").stdout.partition("Commands:\n")
    assert [line.split()[0] for line in listed.splitlines()] == sorted(cli.commands)
    assert "..." not in listed


def modules_loaded_by(*words: str) -> set[str]:
    """All that are there when the command has ended, but for those that this Python loads by itself."""
    code = (
        "import atexit, sys; before = {*sys.modules}; "
        "atexit.register(lambda: print(*(sys.modules.keys() - before), file=sys.stderr)); "
        f"sys.argv = ['lecture-outline', *{words!r}]; from lecture_outline.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_help_loads_nothing_that_it_does_not_need() -> None:
    """--help is quick because neither the commands are loaded for it nor what does their work."""
    loaded = modules_loaded_by("--help")
    ours = {name.removeprefix("lecture_outline.") for name in loaded if name.startswith("lecture_outline.")}
    assert ours == {"cli", "ending", "errors", "exit_codes", "guard", "printable", "privacy", "troubles"}
    assert not {"json", "pathlib", "socket"} & loaded


@pytest.mark.parametrize("command", [one.name for one in COMMANDS])
def test_the_help_of_a_command_loads_nothing_heavy(command: str) -> None:
    """The libraries that do the work wait until there is some."""
    assert not {"numpy", "pydantic", "rich", "pysrt"} & modules_loaded_by(command, "--help")
