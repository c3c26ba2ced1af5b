"""A class: what a learner hands in, how it is graded without trusting it, and what a teacher gets of it.

A hand-in holds raw answers and the code of functions, never a score. Whatever it says of itself is marked again; its
code runs in a jail of its own.
"""
