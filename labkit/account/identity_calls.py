"""What the kit answers of the calls to IAM: its policy simulator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from labkit.account.simulator import simulate_custom, simulate_principal
from labkit.control_plane.request import Request
from labkit.moto_bridge.answers import answer_of
from labkit.moto_bridge.server import Answer

SIMULATIONS: dict[str, Callable[[Request], Mapping[str, Any]]] = {
    "SimulateCustomPolicy": simulate_custom,
    "SimulatePrincipalPolicy": simulate_principal,
}


def answer(request: Request) -> Answer | None:
    """The kit's answer, None for what is moto's; `ApiError` for what is refused."""
    if simulation := SIMULATIONS.get(request.operation):
        return answer_of("iam", request.operation, simulation(request))
    return None
