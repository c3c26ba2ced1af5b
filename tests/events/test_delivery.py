"""No message is lost, whatever fails."""

from __future__ import annotations

from delivery import deliver


def test_each_of_500_messages_is_processed_or_ends_in_the_dead_letter_queue(served):
    deliver(served, 500)
