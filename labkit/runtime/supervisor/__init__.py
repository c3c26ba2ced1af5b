"""What runs between the account and a function: one process from which all are forked, and one that watches over each.

These files are read by processes of their own (standard library only, never imported by the account). The spawner has
one thread and little memory, so a fork of it is quick; each supervisor is such a fork, sets up the sandbox of one
environment, and starts, freezes, watches and ends the function's processes in it.
"""
