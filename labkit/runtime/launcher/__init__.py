"""What runs inside an execution environment; only `guard` is also used outside it."""
