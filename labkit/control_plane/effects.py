"""What the control plane asks of the rest of the account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from labkit.clock import Clock
from labkit.identity import ApiCall
from labkit.moto_bridge.ecr import StoredImage
from labkit.moto_bridge.event_sources import Source
from labkit.runtime.function import Function


@dataclass(frozen=True)
class Effects:
    """What reads and changes things outside the control plane's own store; `LookupError` says what is not there."""

    clock: Clock  # account time
    pause: Callable[[float], None]  # lets so many seconds of the machine's time pass
    fetch_object: Callable[[str, str, str | None], bytes]  # (bucket, key, version); raises S3's code and message
    find_image: Callable[[str, str, str], StoredImage | None]  # (region, repository, tag or digest) in ECR
    find_vpc: Callable[[str, Sequence[str], Sequence[str]], str]
    # (region, subnets, security groups) -> the VPC; raises EC2's operation, code and message
    find_source: Callable[[str], Source | None]  # a queue or stream by its ARN
    destination_exists: Callable[[str], bool]  # a queue, topic, event bus or bucket by its ARN
    evaluate_roles: bool  # otherwise a role may be invented, and do anything
    can_assume: Callable[[str, str], bool]  # may Lambda assume this role (its ARN) for this function (its ARN)?
    may: Callable[[str, ApiCall], bool]  # do the policies of a role (its ARN) allow this call?
    take_snapshot: Callable[[Function, Callable[[str], None]], None]
    # begins a snapshot and calls back with the problem, or an empty text, when it is done
    tell_change: Callable[[], None]  # called after versions or aliases have changed
    code_url: Callable[[str], str]  # where the zip of a function's or a layer's version, by its ARN, can be fetched
