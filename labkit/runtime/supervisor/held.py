"""How much memory processes hold, as Linux tells of them; nothing of those that have ended."""

import resource

PAGE = resource.getpagesize()


def resident(pid):
    """Bytes of memory that a process holds now."""
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def proportional(pid):
    """Bytes of memory that a process holds now, its part of what it shares with others counted."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return next((int(line.split()[1]) << 10 for line in file if line.startswith("Pss:")), 0)
    except OSError:
        return 0


def high_water(pid):
    """The most bytes of memory that a process has held."""
    try:
        with open(f"/proc/{pid}/status") as file:
            return next((int(line.split()[1]) << 10 for line in file if line.startswith("VmHWM")), 0)
    except OSError:
        return 0
