"""Addresses of files that lie elsewhere, and what tells one version of a file from another."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from tesuki.pipelines.errors import RequestError

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}:/")
_OTHERWISE = {
    "gs": "name it https://storage.googleapis.com/BUCKET/KEY where it is public, or download it",
    "hdfs": "mount it and name the files, or download it",
}
"""What to do about schemes that are not read."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_address(text: str) -> bool:
    """Whether ``text`` names a place by a scheme, as ``https://``; folders of this machine bear none."""
    return bool(_ADDRESS.match(text))


def checked_address(text: str, field: str) -> str:
    """``text`` where it is an address that can be read from. Raises `RequestError` that begins with ``field``."""
    parts = urlsplit(text)
    known = parts.scheme in ("https", "s3") or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not known:
        raise RequestError(
            f"{field}: {text!r}: files are read from https:// and s3:// (http:// of this machine alone); "
            f"{_OTHERWISE.get(parts.scheme, 'download it and name the files')}"
        )
    if not parts.netloc or not name_of(text) or any(sign in text for sign in "#?*"):
        raise RequestError(f"{field}: {text!r}: expected the address of one file; globs, ? and # mean nothing there")
    return text


def name_of(address: str) -> str:
    """The file's name: the last step of its path."""
    return unquote(urlsplit(address).path).rpartition("/")[2]


def url_of(address: str, environment: Mapping[str, str] = os.environ) -> str:
    """Where ``address`` is asked for: S3's own way of naming an object, or that of ``AWS_ENDPOINT_URL``."""
    parts = urlsplit(address)
    if parts.scheme != "s3":
        return address
    key = quote(unquote(parts.path.lstrip("/")), safe="/-_.~")
    if endpoint := environment.get("AWS_ENDPOINT_URL"):
        return f"{endpoint.rstrip('/')}/{parts.netloc}/{key}"
    if "." in parts.netloc:  # no certificate of S3's fits a host of so many steps
        return f"https://s3.amazonaws.com/{parts.netloc}/{key}"
    return f"https://{parts.netloc}.s3.amazonaws.com/{key}"


@dataclass(frozen=True, slots=True)
class Remote:
    """A file at an ``address``, in the version that has ``size`` bytes and the ``tag``: its ETag, or else the time of
    its last change, as the server gives them. ``whole``: it can't be cut into ranges. ``sha256`` is the checksum that
    its owner published, ``""`` where none is known; such a file is read whole, so that it can be held against it.
    """

    address: str
    size: int
    tag: str
    whole: bool = False
    sha256: str = ""

    @property
    def pinned(self) -> str:
        """Address and version in one string, which `remote_of` reads: what a range has for a path."""
        version = {"size": self.size, "tag": self.tag, **({"whole": "1"} if self.whole else {})}
        if self.sha256:
            version["sha256"] = self.sha256
        return f"{self.address}#{urlencode(version)}"


def remote_of(pinned: str) -> Remote:
    """What `Remote.pinned` was made from."""
    address, _, fragment = pinned.partition("#")
    version = parse_qs(fragment, strict_parsing=True)
    sha256 = version.get("sha256", [""])[0]
    return Remote(address, int(version["size"][0]), version["tag"][0], "whole" in version, sha256)


def with_checksum(address: str, sha256: str) -> str:
    """``address`` with the checksum that a list gives for its file, which `checksum_of` takes apart again."""
    return f"{address}#{sha256}" if sha256 else address


def checksum_of(named: str) -> tuple[str, str]:
    """What `with_checksum` was made from."""
    address, _, sha256 = named.partition("#")
    return address, sha256
