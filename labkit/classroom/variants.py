"""Each student's own numbers: what only who knows the course's secret can work out of a student's id."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from labkit.mistake import BadValue

SHORTEST_SECRET = 16  # bytes
LENGTH = 12  # characters of a seed


def seed_of(secret: bytes, *names: str) -> str:
    """What stands for a student and a question, or for a hand-in, under this secret."""
    text = "\0".join(names).encode("utf-8", "surrogatepass")
    return hmac.new(secret, text, hashlib.sha256).hexdigest()[:LENGTH]


def secret_in(path: Path) -> bytes:
    """The secret of a file, white space around it aside; `BadValue` when there is none or it is too short."""
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise BadValue(f"the course secret {path} can't be read: {error.strerror}") from None
    if len(secret) < SHORTEST_SECRET:
        raise BadValue(
            f"the course secret in {path} has {len(secret)} characters; {SHORTEST_SECRET} are needed: write a long "
            'random one, such as python -c "import secrets; print(secrets.token_hex())" prints'
        )
    return secret
