"""S3's signature of a request (AWS Signature Version 4), where the environment has keys."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

EMPTY = hashlib.sha256(b"").hexdigest()
"""The hash of a request's body: reading sends none."""


def signed(url: str, headers: Mapping[str, str], environment: Mapping[str, str], now: datetime) -> dict[str, str]:
    """``headers`` of a GET of ``url`` with those that sign it; as they are where the environment has no keys.

    Keys are ``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY`` and, where there is one, ``AWS_SESSION_TOKEN``; the region
    is ``AWS_REGION``, ``AWS_DEFAULT_REGION`` or us-east-1. ``now`` is in UTC.
    """
    key, secret = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")
    if not key or not secret:
        return dict(headers)
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1"
    parts, moment = urlsplit(url), now.strftime("%Y%m%dT%H%M%SZ")
    token = environment.get("AWS_SESSION_TOKEN")
    more = {"x-amz-content-sha256": EMPTY, "x-amz-date": moment, **({"x-amz-security-token": token} if token else {})}
    to_sign = {
        "host": parts.netloc,
        **more,
        **{name.lower(): value for name, value in headers.items() if name.lower() == "range"},
    }
    names = ";".join(sorted(to_sign))
    lines = "".join(f"{name}:{to_sign[name].strip()}\n" for name in sorted(to_sign))
    request = "\n".join(("GET", parts.path or "/", parts.query, lines, names, EMPTY))
    scope = f"{moment[:8]}/{region}/s3/aws4_request"
    text = "\n".join(("AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(request.encode()).hexdigest()))
    step = b"AWS4" + secret.encode()
    for word in (moment[:8], region, "s3", "aws4_request", text):
        step = hmac.new(step, word.encode(), hashlib.sha256).digest()
    credential = f"Credential={key}/{scope},SignedHeaders={names},Signature={step.hex()}"
    return {**headers, **more, "Authorization": f"AWS4-HMAC-SHA256 {credential}"}
