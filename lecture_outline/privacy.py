"""Nothing leaves the machine: which server may be spoken to, and what shows that a model is not on it.

No name is ever looked up unless the user allowed that very name: asking a name server would tell it something too.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from lecture_outline.errors import PrivacyError, SettingsError

if TYPE_CHECKING:
    from urllib.parse import SplitResult

DEFAULT_SERVER = "127.0.0.1:11434"
DEFAULT_PORT = 11434


def _parts(url: str) -> SplitResult:
    from urllib.parse import urlsplit  # `--help` needs none of it

    return urlsplit(url)


class ServerAddress(NamedTuple):
    """Where Ollama is, and whether that is another machine, which the user must have allowed by name."""

    url: str
    elsewhere: bool = False

    @property
    def host(self) -> str:
        """Its name or its address alone."""
        return _parts(self.url).hostname or ""


def local_address(stated: str | None, allowed_hosts: Collection[str] = ()) -> ServerAddress:
    """The server that somebody stated as "host", "host:port" or an address of a page; loopback unless allowed."""
    text = (stated or DEFAULT_SERVER).strip()
    try:
        parts = _parts(text if "://" in text else f"http://{_bracketed(text)}")
        host, port = parts.hostname or "127.0.0.1", parts.port or _usual_port(text)
    except ValueError as error:
        raise SettingsError(f"{text!r} is not an address of a server: {error}", f"Try {DEFAULT_SERVER}.") from error
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or parts.path.strip("/") or parts.query:
        raise SettingsError(f"{text!r} is not an address of an Ollama server", f"Write it as {DEFAULT_SERVER}.")
    host = _reached_at(host)
    elsewhere = not is_loopback(host)
    if elsewhere and host not in {name.lower() for name in allowed_hosts}:
        raise PrivacyError(
            f"the Ollama server {host} is another machine, and what was said in the lecture would be sent to it",
            f"Use an Ollama on this machine, or allow that one by its name: --allow-host {host}.",
        )
    return ServerAddress(f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}", elsewhere)


def _usual_port(text: str) -> int:
    """As Ollama itself reads OLLAMA_HOST: with a scheme the port is the scheme's, not its own."""
    return (
        {"http": 80, "https": 443}.get(text.partition("://")[0].lower(), DEFAULT_PORT)
        if "://" in text
        else DEFAULT_PORT
    )


def _bracketed(text: str) -> str:
    """An IPv6 address that stands alone, as OLLAMA_HOST may have it, in the brackets that it has in a URL."""
    try:
        return f"[{ipaddress.IPv6Address(text)}]"
    except ValueError:
        return text


def _reached_at(host: str) -> str:
    """What a server is told to listen on everywhere ("0.0.0.0", "::") is reached from here on loopback."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "127.0.0.1" if host == "localhost" else host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "::1"
    return str(address)


def is_loopback(host: str) -> bool:
    """Whether an address stays on this machine; a name never does, because somebody must be asked about it."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (inner or address).is_loopback


def is_cloud_name(model: str) -> bool:
    """Whether Ollama would send what is asked of this model to its makers: `:cloud` and `-cloud` at the end say so."""
    return model.strip().casefold().endswith((":cloud", "-cloud", "/cloud"))


def refuse_cloud_name(model: str) -> None:
    """Only models that run here may read a lecture."""
    if is_cloud_name(model):
        raise PrivacyError(
            f"{model} does not run on this machine: Ollama sends what it is asked to its makers",
            "Choose a model that is downloaded: lecture-outline models list",
        )


def remote_field(value: object) -> str | None:
    """A field in a server's answer that says that another machine is behind it: `remote_host`, `remote_model`.

    Looked for in the answer as it came, because client libraries drop fields that they do not know.
    """
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, Mapping):
            for name, part in inner.items():
                if str(name).startswith("remote_") and part:
                    return str(name)
            waiting.extend(inner.values())
        elif isinstance(inner, Sequence) and not isinstance(inner, str):
            waiting.extend(part for part in inner if not isinstance(part, int | float | str))  # thousands of tokens
    return None
