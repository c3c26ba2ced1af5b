"""Step Functions: state machines really run, by moto's own interpreter, and their tasks call the account.

They call as the account's owner does: the role of a state machine is not evaluated.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from moto.core.config import default_user_config

from labkit.moto_bridge.late import when_loaded
from labkit.moto_bridge.replaced import put

CLIENT = "moto.stepfunctions.parser.asl.utils.boto_client"
_port = [""]


def connect(endpoint: str) -> None:
    """From now on have executions run, which moto leaves out unless it is told, against this account."""
    default_user_config["stepfunctions"]["execute_state_machine"] = True
    _port[:] = [str(urlsplit(endpoint).port)]
    when_loaded(CLIENT, _call_the_account)


def _call_the_account() -> None:
    from moto.stepfunctions.parser.asl.utils import boto_client

    put(boto_client, "moto_server_port", lambda: _port[0])
