"""JSON Web Tokens: their claims are read and compared; their signatures are not verified.

On AWS the issuer's keys are fetched from the internet, which the kit does not reach.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any


def read_claims(token: str) -> dict[str, Any] | None:
    """The claims in a token, with or without `Bearer` before it; None when it is no token."""
    parts = token.removeprefix("Bearer ").strip().split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    _tell_once()
    return claims if isinstance(claims, dict) else None


def in_time(claims: Mapping[str, Any], now: float) -> bool:
    """Whether a token is valid at this account time; one without `exp` is not."""
    expires, begins = claims.get("exp"), claims.get("nbf", 0)
    return isinstance(expires, (int, float)) and isinstance(begins, (int, float)) and begins <= now < expires


def is_for(claims: Mapping[str, Any], issuer: str, audience: Iterable[str]) -> bool:
    """Whether a token comes from the issuer and is meant for one of the audience."""
    meant = claims.get("aud", claims.get("client_id"))
    named = set(meant) if isinstance(meant, list) else {meant}
    return claims.get("iss") == issuer and bool(named & set(audience))


def scopes_of(claims: Mapping[str, Any]) -> list[str]:
    """The scopes that a token was issued with."""
    given = claims.get("scope", claims.get("scp")) or ""
    return given if isinstance(given, list) else str(given).split()


@cache
def _tell_once() -> None:
    logging.getLogger("labkit").warning(
        "a token's claims are compared, and its signature is not verified: on AWS a forged token is refused"
    )
