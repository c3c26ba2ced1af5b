"""Who makes a request, and whether the Principal element of a resource-based policy means them.

Source: IAM User Guide, "AWS JSON policy elements: Principal" and "NotPrincipal".
"""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("AWS", "Service", "Federated", "CanonicalUser")
EVERYONE = ("AWS", "*")

Named = tuple[str, str]  # what a Principal element lists: a kind, and an ARN, an account, a service or *


@dataclass(frozen=True)
class Principal:
    """Who makes a request, by all the names under which a policy may list them.

    Without names it is someone of the kind whom no policy lists; `account` is empty for a service.
    """

    kind: str = "AWS"
    names: tuple[str, ...] = ()
    account: str = ""

    @classmethod
    def service(cls, name: str) -> Principal:
        """An AWS service that acts by itself, such as `s3.amazonaws.com`."""
        return cls("Service", (name,))

    @classmethod
    def of_account(cls, *arns: str) -> Principal:
        """A user, or a role's session with its role."""
        return cls("AWS", arns, arns[0].split(":")[4])

    @property
    def own(self) -> set[Named]:
        """The names that mean this principal alone, or its role."""
        return {(self.kind, name) for name in self.names}

    @property
    def whole_account(self) -> Principal:
        """The account by itself, for which none of its users and roles is meant."""
        return Principal("AWS", (self.account, f"arn:aws:iam::{self.account}:root")) if self.account else Principal()

    @property
    def of_its_account(self) -> set[Named]:
        """The names that mean all of its account."""
        return self.whole_account.own


def is_meant(listed: tuple[Named, ...], principal: Principal, effect: str) -> bool:
    """Whether a statement with this Principal element is about the principal.

    What is denied to an account is denied to all in it. What is allowed to it is only handed on to the account, whose
    identity-based policies decide.
    """
    names = principal.own | {EVERYONE}
    return bool(set(listed) & (names | principal.of_its_account if effect == "Deny" else names))


def is_excepted(listed: tuple[Named, ...], principal: Principal) -> bool:
    """Whether a NotPrincipal element leaves the principal out: it lists them, their role and their account."""
    accounts = principal.of_its_account
    return bool(principal.names) and principal.own <= set(listed) and (not accounts or bool(accounts & set(listed)))


def is_by_role_alone(listed: tuple[Named, ...], principal: Principal) -> bool:
    """Whether a Principal element means a session by the role that it assumed, not by name nor among everyone."""
    meaning = set(listed) & (principal.own | {EVERYONE})
    return bool(meaning) and all(":role/" in name for _, name in meaning)
