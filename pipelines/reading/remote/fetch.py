"""Bytes of a file elsewhere, asked for again where an answer is cut, late or put off.

Python's own HTTP client: what others bring (docs/crawl.md has the figures) cannot be told to keep one pace among many
processes, nor to heed Retry-After.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from tesuki.pipelines.errors import BrokenEnvironmentError, WorkError
from tesuki.pipelines.reading.remote.address import Remote, url_of
from tesuki.pipelines.reading.remote.manners import Manners, count_bytes, heed_answer, take_turn
from tesuki.pipelines.reading.remote.signing import signed
from tesuki.pipelines.reading.warc.packing import format_of_head

ATTEMPTS = 8
"""So often the same bytes are asked for without a byte coming; pauses grow from `FIRST_PAUSE` to a minute."""

ATTEMPTS_REFUSED = 3
"""So often where the answer is 403, which Common Crawl also gives to those who ask too fast."""

FIRST_PAUSE = 1.0
"""Seconds before the second attempt; each further pause is twice as long, less up to a half by chance."""

TIMEOUT = 60.0
"""Seconds without a byte after which a connection counts as cut."""

PIECE = 1 << 20
"""Bytes read at a time."""

HEAD_BYTES = 4096
"""Bytes asked for with a file's version: what kind of file it is shows in them."""

_REDIRECTS = frozenset({301, 302, 307, 308})
_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_NOTHING = re.compile(r"bytes \*/(\d+)")


class RefusedError(Exception):
    """The server will not give these bytes: ``status`` says why (404 and 410: they are gone)."""

    def __init__(self, address: str, status: int) -> None:
        super().__init__(f"{address}: the server answered {status}")
        self.status = status


def identify(address: str, manners: Manners) -> Remote:
    """The file at ``address`` as it is now, by one request. Raises `RefusedError`, `BrokenEnvironmentError`."""
    failures = 0
    while True:
        try:
            with _Answer(address, 0, HEAD_BYTES, manners) as answer:
                head = b"" if answer.status == 416 else answer.read(min(HEAD_BYTES, answer.end))
                return Remote(address, answer.size, answer.tag, whole=bool(format_of_head(head).unsupported))
        except _AgainError as cause:
            failures = _pause(address, failures, cause)


def fetch_range(remote: Remote, start: int, end: int, manners: Manners) -> Iterator[bytes]:
    """The bytes ``[start, end)`` of ``remote``, piece by piece, each once and in order.

    Raises `RefusedError`; `WorkError` where the file is no longer the one that was identified; `BrokenEnvironmentError`
    where the server can't be reached or a budget is spent.
    """
    position, failures = start, 0
    while position < end:
        try:
            with _Answer(remote.address, position, end, manners) as answer:
                if (answer.size, answer.tag) != (remote.size, remote.tag):
                    raise WorkError(
                        f"{remote.address}: changed since the run began ({answer.size} bytes, {answer.tag}; it was "
                        f"{remote.size} bytes, {remote.tag}). Remove the folder parts/ of the output and run again."
                    )
                while piece := answer.read(min(PIECE, end - position)):
                    position, failures = position + len(piece), 0
                    yield piece
            if position < end:
                raise _AgainError("the connection was cut", 0)
        except _AgainError as cause:
            failures = _pause(remote.address, failures, cause)


def fetch_piece(address: str, start: int, end: int, manners: Manners) -> bytes:
    """The bytes ``[start, end)`` of the file at ``address``, as far as it goes, whatever version it is in.

    One request where nothing goes wrong; all bytes are of one version. Raises as `fetch_range`.
    """
    held, version, failures = bytearray(), ("", 0), 0
    while len(held) < end - start:
        try:
            with _Answer(address, start + len(held), end, manners) as answer:
                if answer.status == 416:
                    break
                if held and version != (answer.tag, answer.size):
                    held.clear()
                    raise _AgainError("the file changed", 0)
                version, end = (answer.tag, answer.size), min(end, answer.size)
                while piece := answer.read(min(PIECE, end - start - len(held))):
                    held += piece
                    failures = 0
            if len(held) < end - start:
                raise _AgainError("the connection was cut", 0)
        except _AgainError as cause:
            failures = _pause(address, failures, cause)
    return bytes(held)


class _AgainError(Exception):
    """The same is to be asked for again: ``status`` of the answer, 0 where none came."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.status = status


def _pause(address: str, failures: int, cause: _AgainError) -> int:
    """Wait before the next attempt, and count this one. Raises where there have been enough."""
    _drop_connections()
    failures += 1
    if cause.status == 403 and failures >= ATTEMPTS_REFUSED:
        raise RefusedError(address, 403)
    if failures >= ATTEMPTS:
        raise BrokenEnvironmentError(
            f"{address}: not to be had in {ATTEMPTS} attempts, the last: {cause}. What was finished stays; run the "
            "same command again."
        )
    time.sleep(min(60.0, FIRST_PAUSE * 2 ** (failures - 1)) * random.uniform(0.5, 1.0))
    return failures


class _Answer:
    """One answer to a request for ``[start, end)``: what the file is, and the bytes, to be read to ``end``."""

    def __init__(self, address: str, start: int, end: int, manners: Manners) -> None:
        self._manners = manners
        self._count = 0
        self._response = _asked(address, start, end, manners)
        self.status = self._response.status
        try:
            self._understand(address, start, end)
        except BaseException:
            _drop_connections()
            raise

    def _understand(self, address: str, start: int, end: int) -> None:
        found = self._response.getheader("Content-Range", "")
        if part := _RANGE.fullmatch(found):
            first, last, self.size = map(int, part.groups())
            self.end = min(last + 1, end)
            if first != start:
                raise _AgainError(f"the answer begins at byte {first}, not {start}", 0)
        elif self.status == 416 and (nothing := _NOTHING.fullmatch(found)):
            self.size = self.end = int(nothing[1])
        elif self.status == 416 and start:  # the file ends before; how long it is, not every server says
            self.size, self.end, self.tag = start, start, ""
            return
        elif self.status == 200 and start == 0:  # a server that knows no ranges: the file from its beginning
            self.size = int(self._response.getheader("Content-Length") or -1)
            self.end = min(self.size, end)
        else:
            raise WorkError(f"{address}: the server gives no ranges of bytes; download the file and name it instead")
        self.tag = self._response.getheader("ETag") or self._response.getheader("Last-Modified") or ""
        if self.size < 0 or not self.tag:
            raise WorkError(
                f"{address}: the server tells neither ETag nor Last-Modified with the size, so nobody could say later "
                "which version was read; download the file and name it instead"
            )

    def read(self, count: int) -> bytes:
        """At most ``count`` bytes; none where the answer has ended."""
        try:
            piece = self._response.read(count)
        except (OSError, http.client.HTTPException) as failure:
            raise _AgainError(f"the connection was cut ({type(failure).__name__})", 0) from None
        self._count += len(piece)
        return piece

    def __enter__(self) -> _Answer:
        return self

    def __exit__(self, *_: object) -> None:
        count_bytes(self._manners, self._count)
        if not self._response.isclosed():  # bytes that nobody asked for wait in the connection
            _drop_connections()


def _asked(address: str, start: int, end: int, manners: Manners) -> http.client.HTTPResponse:
    """The answer, whose status is 200, 206 or 416."""
    url, headers = url_of(address), {"User-Agent": manners.agent, "Accept-Encoding": "identity"}
    headers["Range"] = f"bytes={start}-{end - 1}"
    for _ in range(5):
        take_turn(manners)
        is_s3 = address.startswith("s3:")
        response = _sent(url, signed(url, headers, os.environ, datetime.now(UTC)) if is_s3 else headers)
        heed_answer(manners, response.status, _seconds(response.getheader("Retry-After", "")))
        if response.status in (200, 206, 416):
            return response
        _drop_connections()
        if response.status in _REDIRECTS and not is_s3:
            url = _followed(url, urljoin(url, response.getheader("Location", "")), response.status)
            continue
        if response.status in _LATER or response.status == 403:
            raise _AgainError(f"the server answered {response.status}", response.status)
        break
    raise RefusedError(address, response.status)


def _followed(url: str, location: str, status: int) -> str:
    """Where a redirect leads. Raises `RefusedError` where it leaves https: no server may send us to another network.

    Plain http leads on only to the host it came from (this machine's: no other can be named so).
    """
    parts, former = urlsplit(location), urlsplit(url)
    if parts.scheme == "https" or (parts.scheme, parts.hostname) == ("http", former.hostname) == (
        former.scheme,
        former.hostname,
    ):
        return location
    raise RefusedError(url, status)


_THREAD = threading.local()
"""Open connections of a thread, by scheme and host."""


def _sent(url: str, headers: dict[str, str]) -> http.client.HTTPResponse:
    parts = urlsplit(url)
    open_ones = _THREAD.__dict__.setdefault("connections", {})
    place = (parts.scheme, parts.netloc)
    if place not in open_ones:
        kind = http.client.HTTPConnection if parts.scheme == "http" else http.client.HTTPSConnection
        open_ones[place] = kind(parts.netloc, timeout=TIMEOUT)
    connection = open_ones[place]
    try:
        connection.request("GET", parts.path + (f"?{parts.query}" if parts.query else ""), headers=headers)
        response: http.client.HTTPResponse = connection.getresponse()
    except (OSError, http.client.HTTPException) as failure:
        _drop_connections()
        raise _AgainError(f"no answer ({type(failure).__name__})", 0) from None
    return response


def _drop_connections() -> None:
    for connection in _THREAD.__dict__.pop("connections", {}).values():
        connection.close()


def _seconds(retry_after: str) -> float:
    """Seconds that Retry-After asks for, by number or by date (RFC 9110 section 10.2.3); 0 where it asks for none."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    with suppress(ValueError, TypeError):
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    return 0.0
