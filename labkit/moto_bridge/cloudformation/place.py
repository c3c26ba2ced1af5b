"""Where a resource is, and the names and tags that it has for that."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass

SUFFIX = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Place:
    """Where a resource is: in which stack, under which logical id, with which tags of the stack, in which region."""

    stack_id: str
    logical_id: str
    region: str
    tags: Mapping[str, str]

    @property
    def account(self) -> str:
        """The account's number."""
        return self.stack_id.split(":")[4]

    @property
    def marks(self) -> dict[str, str]:
        """What CloudFormation tags each resource with."""
        return {
            "aws:cloudformation:stack-name": self.stack_id.split("/")[1],
            "aws:cloudformation:stack-id": self.stack_id,
            "aws:cloudformation:logical-id": self.logical_id,
        }

    def name(self, longest: int) -> str:
        """A name for the resource: STACK-LOGICALID- and twelve random characters, no longer than this."""
        suffix = "".join(secrets.choice(SUFFIX) for _ in range(12))
        stack, rest = self.stack_id.split("/")[1], longest - len(suffix) - 2
        logical = self.logical_id[: max(rest - len(stack), rest // 2)]
        return f"{stack[: rest - len(logical)]}-{logical}-{suffix}"
