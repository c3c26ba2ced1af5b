"""Studying with the bank: what was answered is kept, comes back when it is due, and an exam can be sat."""
