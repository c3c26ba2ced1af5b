"""Where the code of hand-ins runs: a process a hand-in that has nothing of this machine but what it needs.

`template` is a process in which all is loaded, `inside` what its forks do in their jails, `jail` how they are asked,
and `probe` finds out by trying whether a jail holds on this machine.
"""
