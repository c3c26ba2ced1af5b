"""The only rooms' door to moto: one file a service, and a check at start that moto is the one these files know."""
