"""Lambda's API calls as the account answers them before moto does."""

from __future__ import annotations

from collections.abc import Callable

from labkit import limits
from labkit.control_plane.account_settings import account_settings
from labkit.control_plane.errors import ApiError
from labkit.control_plane.invoke import Invoker, split_name
from labkit.control_plane.provisioned import ProvisionedConcurrency
from labkit.moto_bridge.requests import AwsCall
from labkit.moto_bridge.server import Answer

CHECKED = {  # the operations whose arguments have bounds, by their names in boto3
    "CreateFunction": "create_function",
    "UpdateFunctionConfiguration": "update_function_configuration",
    "UpdateFunctionCode": "update_function_code",
}


class ControlPlane:
    """Refuses what Lambda refuses and invokes; None leaves a call to moto, which stores functions."""

    def __init__(self, invoker: Invoker, provisioned: ProvisionedConcurrency, retire: Callable[[str], None]):
        self._invoker = invoker
        self._provisioned = provisioned
        self._retire = retire

    def answer(self, call: AwsCall) -> Answer | None:
        """The HTTP answer, or None when moto is to give it; `ApiError` for what AWS refuses."""
        if call.operation == "Invoke":
            return self._invoker.answer(call)
        if call.operation == "GetAccountSettings":
            return account_settings(self._invoker.account, call.signature.region, self._invoker.pool.concurrency_quota)
        if call.operation in CHECKED:
            _refuse(call)
        if call.operation == "DeleteFunction":
            name, _ = split_name(call.parameters["FunctionName"], None)
            self._retire(f"arn:aws:lambda:{call.signature.region}:{self._invoker.account}:function:{name}")
        return self._provisioned.answer(call)


def _refuse(call: AwsCall) -> None:
    """`ApiError` in Lambda's words when an argument is out of bounds."""
    try:
        findings = limits.check(operation=CHECKED[call.operation], **call.parameters)
    except TypeError as error:
        raise ApiError(400, "SerializationException", str(error)) from error
    if refused := limits.refusal(findings):
        raise ApiError(refused.status, refused.code, refused.message, refused.type, message_key="message")
