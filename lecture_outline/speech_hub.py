"""What a hub of speech models has, and its files: the only door to huggingface_hub, and used by `models pull` alone.

No lecture is in what is asked, and no account: the keys of the environment are not sent.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from lecture_outline.errors import RUN_AGAIN, SpeechModelError
from lecture_outline.values import Value

Step = Callable[[str, str | None, int, int], None]
"""What is done, for which file, how many bytes of it are there, of how many."""

BROKEN_OFF = (408, 425, 429, 500, 502, 503, 504)
"""What a hub says when it is only busy."""


class HubFile(Value):
    """A file as the hub states it."""

    name: str
    size: int
    sha256: str | None
    """Of large files."""
    git_id: str
    """SHA-1 as git computes it, which holds for small files."""


class Listing(Value):
    """The files of one repository at one moment."""

    repository: str
    commit: str
    files: tuple[HubFile, ...]


def list_files(repository: str) -> Listing:
    """What the hub says that there is. Files are then fetched as of this very moment."""
    with _named_failures(repository):
        from huggingface_hub import HfApi

        found = HfApi(token=False).model_info(repository, files_metadata=True)
    files = tuple(
        HubFile(
            name=file.rfilename,
            size=file.size or 0,
            sha256=file.lfs.sha256 if file.lfs else None,
            git_id=file.blob_id or "",
        )
        for file in found.siblings or ()
    )
    return Listing(repository=repository, commit=found.sha or "main", files=files)


def download(listing: Listing, file: HubFile, target: Path, step: Step) -> None:
    """Fetch one file, going on after what is there of it already."""
    there = target.stat().st_size if target.exists() else 0
    if there > file.size:
        target.unlink()
        there = 0

    class _Bar:
        """What huggingface_hub takes for a progress bar."""

        def __init__(self, *, initial: float = 0, **_: object) -> None:
            self.completed = int(initial)

        def __enter__(self) -> _Bar:
            return self

        def __exit__(
            self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
        ) -> None:
            return None

        def update(self, count: float = 1) -> None:
            """Some bytes more, or fewer where a server began again."""
            self.completed += int(count)
            step(f"fetching {file.name}", file.name, self.completed, file.size)

    step(f"fetching {file.name}", file.name, there, file.size)
    with _named_failures(listing.repository), target.open("ab") as part:
        from huggingface_hub import hf_hub_url
        from huggingface_hub.file_download import http_get  # hf_hub_download throws away what was not finished

        http_get(
            hf_hub_url(listing.repository, file.name, revision=listing.commit),
            part,
            resume_size=there,
            headers={"accept-encoding": "identity"},  # a part of a packed file is of no use
            expected_size=file.size,
            tqdm_class=_Bar,
        )


@contextmanager
def _named_failures(repository: str) -> Iterator[None]:
    """Turn what goes wrong on the way into an error that a person can act on."""
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ.setdefault("HF_HUB_VERBOSITY", "error")  # or it tells of each attempt, with signed addresses
    from httpx2 import HTTPError
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    try:
        yield
    except OfflineModeIsEnabled as error:
        raise SpeechModelError(
            "HF_HUB_OFFLINE is set, so nothing is fetched", "Unset it for this one command: env -u HF_HUB_OFFLINE ..."
        ) from error
    except HfHubHTTPError as error:
        raise _refused(repository, error.response.status_code) from error
    except HTTPError as error:
        raise SpeechModelError(
            f"the hub cannot be reached or broke off: {error or type(error).__name__}",
            f"Check the network, and HF_ENDPOINT and HTTPS_PROXY if you use them. {RUN_AGAIN}",
        ) from error


def _refused(repository: str, status: int) -> SpeechModelError:
    if status in BROKEN_OFF:
        return SpeechModelError(f"the hub is busy or out of order (HTTP {status})", f"Wait a little. {RUN_AGAIN}")
    if status in (401, 403, 404):
        return SpeechModelError(
            f"the hub has no {repository} for everybody (HTTP {status})",
            "It may have moved or need an account. Download it yourself into a folder and name that: --asr FOLDER",
        )
    return SpeechModelError(f"the hub does not give {repository}: HTTP {status}", RUN_AGAIN)
