"""A server for one person on this machine: a page and what it asks for, behind an address nobody can guess.

It listens on the loopback alone, answers GET and HEAD alone, and only under a secret first part of the path. A request
must name this machine as its host, so that no other site's name can be made to lead here (DNS rebinding). What it sends
forbids every script and style but ours, frames, and being read from elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any
from urllib.parse import parse_qs

import pyarrow as pa

from tesuki.pipelines.errors import WorkError

HERE = "127.0.0.1"

HOST = re.compile(r"(127\.0\.0\.1|localhost)(:[0-9]{1,5})?", re.ASCII)
"""What a browser may call this machine; the port is any, for it may be that of a tunnel."""

LONGEST_QUERY = 8_192
"""Characters of a query; more are refused."""

Answer = Callable[[str], Any]
"""From what was asked to a value of JSON. Raises LookupError for what is not there, ValueError for a wrong question."""


@dataclass(frozen=True)
class Site:
    """What is served: ``pages`` are HTML made when they are first asked for, ``answers`` values of JSON."""

    pages: Mapping[str, Callable[[], str]]
    answers: Mapping[str, Answer]

    @cached_property
    def secret(self) -> str:
        """The first part of every path: 128 bits of chance."""
        return secrets.token_urlsafe(16)


def server_of(site: Site, port: int) -> ThreadingHTTPServer:
    """A server of ``site`` that listens on ``port`` of the loopback (0: any that is free), to be told to serve.

    Raises OSError where the port is taken.
    """
    made: dict[str, bytes] = {}
    one_at_a_time = Lock()

    class Handler(BaseHTTPRequestHandler):
        server_version, sys_version = "tesuki", ""
        timeout = 30

        def do_GET(self) -> None:
            status, kind, content = self._answer()
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            for name, value in {**HEADERS, "Content-Security-Policy": security_policy(kind, content)}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        do_HEAD = do_GET  # noqa: N815 - the name is the library's

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
            """Say nothing: addresses hold the secret and what was looked for."""

        def _answer(self) -> tuple[int, str, bytes]:
            if not HOST.fullmatch(self.headers.get("Host", "")):
                return _refused(421, "this host is not served")
            path, _, query = self.path.partition("?")
            given, _, name = path.removeprefix("/").partition("/")
            if not secrets.compare_digest(given.encode(), site.secret.encode()):
                return _refused(404, "nothing is here")
            # One at a time: however many ask, memory holds one search.
            with one_at_a_time:
                return _served(site, made, name, query)

    return ThreadingHTTPServer((HERE, port), Handler)


HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What goes with every answer."""


def security_policy(kind: str, content: bytes) -> str:
    """What a browser may do with an answer: run and apply what stands in our page, ask this server, nothing else."""
    strict = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    if kind != "text/html":
        return strict
    scripts = [piece.partition(b"</script>")[0] for piece in content.split(b"<script>")[1:]]
    # Styles may stand on elements, as the bars of the report do: without a source to load from they tell nobody.
    return f"{strict}; script-src {' '.join(map(_hash, scripts))}; style-src 'unsafe-inline'; connect-src 'self'"


def _hash(content: bytes) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode()}'"


def _served(site: Site, made: dict[str, bytes], name: str, query: str) -> tuple[int, str, bytes]:
    if len(query) > LONGEST_QUERY:
        return _refused(414, "too long a question")
    try:
        if name in site.pages:
            if name not in made:
                made[name] = site.pages[name]().encode("utf-8", "replace")
            return 200, "text/html", made[name]
        if name in site.answers:
            value = site.answers[name](parse_qs(query).get("q", [""])[0])
            return 200, "application/json", json.dumps(value, ensure_ascii=True, allow_nan=False).encode()
    except LookupError:
        return _refused(404, "no such page")
    except (OSError, WorkError, pa.ArrowException) as failure:
        return _refused(500, str(failure).splitlines()[0])
    except ValueError as failure:
        return _refused(400, str(failure))
    return _refused(404, "nothing is here")


def _refused(status: int, why: str) -> tuple[int, str, bytes]:
    return status, "application/json", json.dumps({"error": why}).encode()
