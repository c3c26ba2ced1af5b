"""What an account's Lambda holds, region by region. Values are frozen, and replaced with the region's lock held."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from labkit.control_plane.settings import CodeSigningConfig, EventInvokeConfig, FunctionUrl, RuntimeManagement
from labkit.runtime.image import Image

LATEST = "$LATEST"
TRANSITION = 0.3  # seconds; simulated: AWS tells no number and takes about a second, or minutes with a VPC


@dataclass(frozen=True)
class Package:
    """A function's code: a zip, or a container image.

    `sha256` is in base64, as Lambda gives it; that of an image is its digest, in hexadecimal.
    """

    sha256: str
    content: bytes = field(default=b"", repr=False)
    image_uri: str | None = None
    image: Image | None = None

    @property
    def size(self) -> int:
        """Bytes, zipped; none for an image."""
        return len(self.content)


@dataclass(frozen=True)
class ResourcePolicy:
    """Who else may use a resource: a policy document whose Statement is a list, and its own revision."""

    document: Mapping[str, Any]
    revision_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True)
class LayerVersion:
    """A published version of a layer. `created` is account time; `about` is what PublishLayerVersion was told of it."""

    layer_arn: str
    number: int
    package: Package
    created: float
    about: Mapping[str, Any]

    @property
    def arn(self) -> str:
        """The ARN with the version's number, by which functions name it."""
        return f"{self.layer_arn}:{self.number}"


@dataclass(frozen=True)
class State:
    """Whether a version can be invoked: Pending, Active or Failed, and Lambda's reason and code for it."""

    name: str = "Active"
    reason: str | None = None
    reason_code: str | None = None


@dataclass(frozen=True)
class Change:
    """The last thing done to a version: "create", "update", or "publish", which is done at once.

    It begins at `at` (account time) and is under way for `TRANSITION` seconds. A version has one revision while the
    change is under way and another from then on.
    """

    kind: str
    at: float
    first_revision: str = field(default_factory=lambda: str(uuid.uuid4()))
    last_revision: str = field(default_factory=lambda: str(uuid.uuid4()))

    def revised(self) -> Change:
        """The same with new revisions, after something beside the version has changed."""
        return Change(self.kind, self.at)

    def left(self, now: float) -> float:
        """How many seconds Lambda is still at it."""
        return 0.0 if self.kind == "publish" else max(self.at + TRANSITION - now, 0.0)

    def under_way(self, now: float) -> bool:
        """Whether Lambda is still at it."""
        return self.left(now) > 0

    def revision_id(self, now: float) -> str:
        """The revision as of now."""
        return self.first_revision if self.under_way(now) else self.last_revision


@dataclass(frozen=True)
class FunctionVersion:
    """$LATEST or a published version. `settings` are the arguments of CreateFunction, with Lambda's defaults.

    It keeps its layers though they may be deleted meanwhile. `modified` is account time in seconds since 1970.
    `edition` counts the updates of $LATEST; a published version has that of the $LATEST it was made of.
    """

    number: str
    package: Package
    layers: tuple[LayerVersion, ...]
    settings: Mapping[str, Any]
    modified: float
    change: Change
    state: State = State()
    edition: int = 0


@dataclass(frozen=True)
class Alias:
    """A name for a version. `weights` are the shares of calls that go to other versions, by their numbers."""

    name: str
    version: str
    description: str
    weights: Mapping[str, float]
    revision_id: str


@dataclass
class StoredFunction:
    """A function with its versions and all that is set for it.

    What is set per version or alias is keyed by its number or name, and by $LATEST for the function itself.
    `code_signing_config` is an ARN.
    """

    name: str
    arn: str
    latest: FunctionVersion
    tags: dict[str, str] = field(default_factory=dict)
    versions: dict[str, FunctionVersion] = field(default_factory=dict)
    published: int = 0  # versions ever, so that no number comes twice
    aliases: dict[str, Alias] = field(default_factory=dict)
    policies: dict[str, ResourcePolicy] = field(default_factory=dict)
    reserved_concurrency: int | None = None
    urls: dict[str, FunctionUrl] = field(default_factory=dict)
    event_invoke_configs: dict[str, EventInvokeConfig] = field(default_factory=dict)
    runtime_management: dict[str, RuntimeManagement] = field(default_factory=dict)
    recursive_loop: str = "Terminate"
    code_signing_config: str | None = None

    def all_versions(self) -> list[FunctionVersion]:
        """$LATEST first, then the published ones in their order."""
        return [self.latest, *self.versions.values()]

    def version(self, number: str) -> FunctionVersion | None:
        """$LATEST or a published version by its number."""
        return self.latest if number == LATEST else self.versions.get(number)

    def replace(self, version: FunctionVersion) -> None:
        """Put a changed version in the place of the one with its number."""
        if version.number == LATEST:
            self.latest = version
        else:
            self.versions[version.number] = version

    def remove(self, qualifier: str) -> None:
        """Remove a published version or an alias, with what is set for it."""
        for entries in (
            self.versions, self.aliases, self.policies, self.urls, self.event_invoke_configs, self.runtime_management
        ):  # fmt: skip
            entries.pop(qualifier, None)


@dataclass
class StoredLayer:
    """A layer with its versions by number."""

    name: str
    arn: str
    versions: dict[int, LayerVersion] = field(default_factory=dict)
    policies: dict[int, ResourcePolicy] = field(default_factory=dict)  # by the version's number
    published: int = 0  # versions ever


@dataclass(frozen=True)
class EventSourceMapping:
    """What has a function called for the records of an event source. It outlives its function.

    `function_arn` has the qualifier that was named, if any. `settings` are the arguments of CreateEventSourceMapping,
    with Lambda's defaults. `transition` is the state on the way from the last change, at `modified` (account time), to
    Enabled, Disabled or gone; none when there was nothing to wait for. `last_result` is what its poller told last.
    """

    uuid: str
    arn: str
    function_arn: str
    settings: Mapping[str, Any]
    enabled: bool
    modified: float
    transition: str | None
    tags: Mapping[str, str]
    last_result: str = "No records processed"

    @property
    def source_arn(self) -> str | None:
        """The ARN of the event source; none for a Kafka cluster outside AWS."""
        return self.settings.get("EventSourceArn")

    def under_way(self, now: float) -> bool:
        """Whether Lambda is still at the last change."""
        return self.transition is not None and now < self.modified + TRANSITION

    def state(self, now: float) -> str:
        """Creating, Enabling, Enabled, Updating, Disabling, Disabled or Deleting."""
        if self.transition is not None and self.under_way(now):
            return self.transition
        return "Enabled" if self.enabled else "Disabled"

    def is_gone(self, now: float) -> bool:
        """Whether its deletion is over."""
        return self.transition == "Deleting" and not self.under_way(now)


@dataclass
class Region:
    """One region's functions and what belongs to them."""

    name: str
    account: str
    functions: dict[str, StoredFunction] = field(default_factory=dict)
    layers: dict[str, StoredLayer] = field(default_factory=dict)
    code_signing_configs: dict[str, CodeSigningConfig] = field(default_factory=dict)  # by ARN
    event_source_mappings: dict[str, EventSourceMapping] = field(default_factory=dict)  # by UUID
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def arn(self, kind: str, name: str) -> str:
        """`arn:aws:lambda:REGION:ACCOUNT:KIND:NAME`."""
        return f"arn:aws:lambda:{self.name}:{self.account}:{kind}:{name}"

    def layer_version(self, arn: str) -> LayerVersion | None:
        """The layer version with this ARN."""
        layer = self.layers.get(arn.split(":")[-2])
        return next((version for version in layer.versions.values() if version.arn == arn), None) if layer else None


class Store:
    """The regions of an account; each comes into being when it is first asked for."""

    def __init__(self, account: str):
        self.account = account
        self._regions: dict[str, Region] = {}
        self._lock = threading.Lock()

    def region(self, name: str) -> Region:
        """The region of this name."""
        with self._lock:
            return self._regions.setdefault(name, Region(name, self.account))

    def __iter__(self) -> Iterator[Region]:
        with self._lock:
            return iter(list(self._regions.values()))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._regions.clear()
