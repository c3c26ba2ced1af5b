"""A poller of a queue: it receives messages, invokes with batches of them, and deletes what was processed.

Polling costs nothing while nothing comes: a message that is sent, or visible again, wakes the poller.
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from __future__ import annotations

from collections.abc import Sequence

from botocore.exceptions import ClientError

from labkit.control_plane.store import EventSourceMapping
from labkit.events.polling import filters
from labkit.events.polling.alarm import Looks
from labkit.events.polling.queue_batch import Batches
from labkit.events.polling.queue_records import Received, record
from labkit.events.polling.scaling import Scaling
from labkit.events.polling.surroundings import Surroundings, Telling, source_name, that_fits
from labkit.events.polling.trouble import Trouble
from labkit.events.polling.visibility import VisibilityWarnings
from labkit.moto_bridge import sqs

MOST_RECEIVED = 10  # messages in one ReceiveMessage
AROUND = len('{"Records": []}')
SCALING_STEP = 1.0  # seconds until more batches are allowed, while all are busy


class QueuePoller:
    """Polls one queue for one mapping; its work is done in the agenda's threads."""

    def __init__(self, mapping: EventSourceMapping, surroundings: Surroundings):
        self.source_arn = mapping.source_arn or ""
        self._clock, self._client = surroundings.clock, surroundings.client
        self._capacity = surroundings.capacity
        self._gathered: list[Received] = []
        self._gathered_until = 0.0  # when the batching window of what is gathered is over
        self._scaling = Scaling()
        self._looks = Looks(surroundings.agenda, surroundings.clock, self._look)
        self._trouble = Trouble(self.source_arn, surroundings.clock, self._looks.at)
        self._telling = Telling(surroundings, source_name(self.source_arn))
        self._warnings = VisibilityWarnings(self.source_arn, surroundings.function)
        self._batches = Batches(self.source_arn, surroundings, self._telling, self._ended)
        self.follow(mapping)

    def follow(self, mapping: EventSourceMapping) -> None:
        """Poll as the mapping says from now on, or not at all when it is disabled."""
        self._mapping = mapping
        self._wanted = filters.wanted(mapping.settings)
        self._closed = not mapping.enabled
        if mapping.enabled:
            self._warnings.look(mapping)
        else:
            left, self._gathered = self._gathered, []
            self._batches.tell_when_visible(left, mapping)

    def wake(self) -> None:
        """Look into the queue soon."""
        self._looks.wake()

    def close(self) -> None:
        """Receive nothing more; what is being processed goes on to its end."""
        self._closed = True

    # Receiving.

    def _look(self) -> None:
        """Receive and process until there is nothing more, or as many batches are under way as may be."""
        size = int(self._mapping.settings["BatchSize"])
        while not self._closed and self._batches.under_way < self._most_batches():
            now = self._clock.time()
            received = self._receive(min(MOST_RECEIVED, size - len(self._gathered)))
            self._gather(received)
            if len(self._gathered) >= size or (self._gathered and self._clock.time() >= self._gathered_until):
                self._process_gathered()
            elif not received:
                self._rest(now)
                return
        now = self._clock.time()
        self._scaling = self._scaling.when_full(now)
        if not self._is_fifo and not self._closed:
            self._looks.at(now + SCALING_STEP)

    def _rest(self, since: float) -> None:
        """Nothing was there at `since`, so look when a message is visible again, or when a batch is complete."""
        self._scaling = self._scaling.when_free(self._clock.time())
        due = sqs.next_visible(self.source_arn, since)
        if due is not None:
            self._looks.at(due + 0.001)  # moto shows a message once its time has passed
        if self._gathered:
            self._looks.at(self._gathered_until)

    def _receive(self, most: int) -> list[Received]:
        now = self._clock.time()
        try:
            client = self._client("sqs", self._mapping.function_arn)
            answer = client.receive_message(
                QueueUrl=self._batches.url(client), MaxNumberOfMessages=most, AttributeNames=["All"],
                MessageAttributeNames=["All"], WaitTimeSeconds=0,
            )  # fmt: skip
        except (ClientError, LookupError) as error:
            self._trouble.begins(error)
            return []
        self._trouble.is_over()
        self._warnings.look(self._mapping)
        hidden_until = now + sqs.visibility_timeout(self.source_arn)
        return [Received(record(message, self.source_arn), now, hidden_until) for message in answer.get("Messages", ())]

    def _gather(self, received: Sequence[Received]) -> None:
        """Add what the mapping's filters want to the next batch; Lambda deletes the rest."""
        unwanted = [each for each in received if not self._wanted(each.record)]
        self._telling("filtered out", [each.id for each in unwanted], self._mapping)
        self._batches.delete(unwanted, self._mapping)
        kept = [each for each in received if each not in unwanted]
        if kept and not self._gathered:
            self._gathered_until = self._clock.time() + self._window()
        again = {each.id for each in kept}  # one that was received before and has been visible again meanwhile
        self._gathered = [*(each for each in self._gathered if each.id not in again), *kept]

    def _window(self) -> float:
        return float(self._mapping.settings["MaximumBatchingWindowInSeconds"])

    # Processing.

    @property
    def _is_fifo(self) -> bool:
        return self.source_arn.endswith(".fifo")

    def _most_batches(self) -> float:
        """As many as there are message groups in a FIFO queue, which shows one batch of a group only.

        Of these no more than the machine can carry, or a batch that waits for an environment would be visible again
        meanwhile, received once more, and its group would lose its order.
        """
        most = (self._mapping.settings.get("ScalingConfig") or {}).get("MaximumConcurrency") or float("inf")
        return float(min(most, self._capacity if self._is_fifo else self._scaling.allowed(self._clock.time())))

    def _process_gathered(self) -> None:
        gathered, self._gathered = self._gathered, []
        if self._window():  # what is visible again is received again
            now = self._clock.time()
            gathered = [each for each in gathered if not each.is_visible_again(now)]
        parts: list[list[Received]] = []
        while gathered:
            fits = that_fits(gathered, AROUND, lambda each: each.record)
            parts.append(gathered[:fits])
            gathered = gathered[fits:]
        if self._is_fifo:
            self._batches.process(parts, self._mapping)  # one after the other
            return
        for part in parts:
            self._batches.process([part], self._mapping)

    def _ended(self, well: bool) -> None:
        if not well:
            self._scaling = self._scaling.after_failure(self._clock.time())
        self.wake()
