"""Ways of bringing code into the account."""

from labkit.deploy.image import image
from labkit.deploy.layer import layer

__all__ = ["image", "layer"]
