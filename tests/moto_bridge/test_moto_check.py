"""moto is used from the inside, so a moto that changed is named at start."""

from __future__ import annotations

import re

import pytest

from labkit.moto_bridge import check


def test_the_installed_moto_has_all_that_is_relied_on():
    check.check_moto()
    check.check_hooks(check.LATE_HOOKS)


@pytest.mark.parametrize(
    ("module", "names", "missing"),
    [
        ("moto.awslambda.models", ("LambdaFunction", "Gone"), "moto.awslambda.models.Gone"),
        ("moto.nowhere", ("a", "b"), "moto.nowhere.a, moto.nowhere.b"),
    ],
)
def test_what_is_missing_is_named_with_both_versions(monkeypatch, module, names, missing):
    monkeypatch.setattr(check, "HOOKS", check.HOOKS | {module: names})
    with pytest.raises(check.MotoChanged) as changed:
        check.check_moto()
    message = str(changed.value)
    assert f"lacks what labkit relies on: {missing}. " in message
    assert re.match(rf"moto \d+\.\d+\.\d+ lacks .* written for moto {check.KNOWN}; ", message)
    assert f'pip install "moto=={check.KNOWN}.*"' in message


def test_every_module_and_name_is_its_own_hook():
    """Each name is really looked for: without any one of them the check fails."""
    import importlib

    for module, names in (check.HOOKS | check.LATE_HOOKS).items():
        for name in names:
            with pytest.MonkeyPatch.context() as patch:
                patch.delattr(importlib.import_module(module), name)
                with pytest.raises(check.MotoChanged, match=re.escape(f"{module}.{name}")):
                    check.check_hooks({module: names})
