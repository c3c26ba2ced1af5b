"""Keeps a flood of log from filling the disk: what nobody will read of it is given back while it is written.

The log file keeps its length, so who reads it knows how much is missing.
"""

import os

import linux

PIECE = 16 << 20  # bytes that are given back at once


class Flood:
    """`kept` bytes of what an invocation logs are read, from its beginning."""

    def __init__(self, log, kept=0):
        self.log = log
        self.kept = kept
        self.begun = os.fstat(log).st_size  # where what the invocation logs begins
        self.given_back = self.begun  # up to here

    def begin(self):
        """An invocation begins; what those before the last have logged has been read."""
        self._give_back(self.given_back, self.begun)
        self.begun = os.fstat(self.log).st_size

    def look(self):
        """See whether it has logged more than is kept."""
        self._give_back(max(self.begun + self.kept, self.given_back), os.fstat(self.log).st_size)

    def _give_back(self, start, end):
        if end - start > PIECE:
            linux.punch_hole(self.log, start, end - start)
            self.given_back = end
