"""Ways of bringing code into the account."""

from labkit.deploy.layer import layer

__all__ = ["layer"]
