"""The resources that a call means without naming them: a key by an alias or what it encrypted, a stream by an iterator.

IAM judges a call by the resource itself, so these are put into the parameters, under the names that boto3 has for them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from moto.backends import get_backend
from moto.kinesis.utils import decompose_shard_iterator

Parameters = Mapping[str, Any]
KEY_ID_LENGTH = 36  # with which moto begins what a key has encrypted


def with_resources(account: str, region: str, service: str, parameters: Parameters) -> Parameters:
    """A call's parameters and the resources that they mean; those that are not there are left as they are."""
    if service not in FINDERS:
        return parameters
    backend: Any = get_backend(service)[account][region]  # type: ignore[call-overload]
    return {**parameters, **FINDERS[service](backend, parameters)}


def _keys(backend: Any, given: Parameters) -> Parameters:
    named = {name: given[name] for name in ("KeyId", "SourceKeyId", "DestinationKeyId") if given.get(name)}
    if isinstance(blob := given.get("CiphertextBlob"), bytes):
        source = "SourceKeyId" if "DestinationKeyId" in given else "KeyId"
        named = {source: blob[:KEY_ID_LENGTH].decode("ascii", "replace"), **named}
    found = {name: _key_id(backend, key) for name, key in named.items()}
    return {name: key for name, key in found.items() if key in backend.keys}


def _key_id(backend: Any, named: str) -> Any:
    name = backend.get_alias_name(named)
    return backend.get_key_id_from_alias(name) if name.startswith("alias/") else backend.get_key_id(name)


def _stream(backend: Any, given: Parameters) -> Parameters:
    name = ""
    if given.get("ShardIterator") and not given.get("StreamARN"):
        with contextlib.suppress(ValueError):
            name = decompose_shard_iterator(given["ShardIterator"])[0]
    return {"StreamARN": backend.streams[name].arn} if name in backend.streams else {}


FINDERS: dict[str, Callable[[Any, Parameters], Parameters]] = {
    "kms": _keys,
    "kinesis": _stream,
}
