"""Nothing is lost, mixed up or left behind; `python tests/soak.py` does the same with more."""

from __future__ import annotations

import sys

import pytest
import soak


def test_five_hundred_invocations_at_once_are_answered_and_logged_under_their_own_requests(served):
    soak.speak(served, 500)


@pytest.mark.skipif(sys.platform != "linux", reason="processes and threads are counted in /proc")
def test_environments_come_and_go_and_leave_nothing(serve):
    soak.come_and_go(serve(), 40)
