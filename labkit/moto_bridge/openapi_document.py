"""An OpenAPI 3 or Swagger 2 document with API Gateway's extensions, read: who may call, and what each method does.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

EXTENSION = "x-amazon-apigateway-"
INTEGRATION, ANY_METHOD = f"{EXTENSION}integration", f"{EXTENSION}any-method"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", ANY_METHOD)
SIGNED = "awsSigv4"


@dataclass(frozen=True)
class Security:
    """What a method asks of its caller; `scheme` names an authorizer, or is empty."""

    scheme: str = ""
    scopes: tuple[str, ...] = ()
    signed: bool = False
    api_key: bool = False


@dataclass(frozen=True)
class Operation:
    """A method of a path, ANY or in capitals, as the document has it."""

    path: str
    method: str
    body: Mapping[str, Any]
    security: Security

    @property
    def integration(self) -> Mapping[str, Any]:
        """What is behind it, empty when nothing is."""
        found: Mapping[str, Any] = self.body.get(INTEGRATION) or {}
        return found


def schemes_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The security schemes, by their names."""
    components = document.get("components") or {}
    found: Mapping[str, Any] = document.get("securityDefinitions") or components.get("securitySchemes") or {}
    return found


def authorizers_of(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """The schemes that are authorizers: the name, the scheme, and what API Gateway is told of it."""
    for name, scheme in schemes_of(document).items():
        if told := scheme.get(f"{EXTENSION}authorizer"):
            yield name, scheme, told


def operations_of(document: Mapping[str, Any]) -> Iterator[Operation]:
    """The methods, path by path."""
    schemes = schemes_of(document)
    for path, methods in sorted((document.get("paths") or {}).items()):
        for name, body in methods.items():
            if name.lower() in METHODS:
                method = "ANY" if name.lower() == ANY_METHOD else name.upper()
                asked = body.get("security", document.get("security", ()))
                yield Operation(path, method, body, _security(asked, schemes, body))


def _security(asked: Sequence[Mapping[str, Any]], schemes: Mapping[str, Any], body: Mapping[str, Any]) -> Security:
    named = {name: tuple(scopes) for each in asked for name, scopes in each.items() if name in schemes}
    kinds = {name: schemes[name].get(f"{EXTENSION}authtype") for name in named}
    authorizers = [name for name in named if f"{EXTENSION}authorizer" in schemes[name]]
    signed = SIGNED in kinds.values() or (body.get(f"{EXTENSION}auth") or {}).get("type") == "AWS_IAM"
    keys = [name for name in named if name not in authorizers and kinds[name] is None]
    return Security(
        authorizers[0] if authorizers else "",
        named[authorizers[0]] if authorizers else (),
        signed,
        any(str(schemes[name].get("name")).lower() == "x-api-key" for name in keys),
    )
