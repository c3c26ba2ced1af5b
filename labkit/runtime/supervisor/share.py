"""A share of a processor, given as Lambda's host gives it: so much time in every period, then a pause until the next.

1,769 MB of memory come with one processor, less memory with a part of one.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
"""

PERIOD = 0.020  # seconds
SHORTEST_LOOK = 0.001


class ProcessorShare:
    """Says when processes must stand still so that they use no more than `share` of one processor.

    `look(used, now)` takes the processor time they have used and the time, both in seconds.
    """

    def __init__(self, share, used, now):
        self.share = share
        self.quota = share * PERIOD
        self.left = self.quota
        self.used = used
        self.now = now
        self.paused = False

    def look(self, used, now):
        """Account for the time since the last look and decide whether they stand still; returns `paused`."""
        self.left = min(self.quota, self.left + (now - self.now) * self.share - (used - self.used))
        self.used, self.now = used, now
        if self.left <= 0:
            self.paused = True
        elif self.left >= self.quota * 0.999:
            self.paused = False
        return self.paused

    def next_look(self):
        """Seconds until it pays to look again: when the pause is over, or when the quota could be used up."""
        if self.paused:
            return (self.quota - self.left) / self.share
        return max(self.left, SHORTEST_LOOK)
