"""No message is lost, whatever fails."""

from __future__ import annotations

import pytest
from delivery import deliver


@pytest.mark.parametrize("fifo, messages", [(False, 500), (True, 100)])
def test_each_message_is_processed_or_ends_in_the_dead_letter_queue(served, fifo, messages):
    deliver(served, messages, fifo, groups=10)
