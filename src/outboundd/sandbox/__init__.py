"""What do the five vendors look like from outside? A loopback world that imports nothing of ours.

Each vendor is one file and behaves as its public documentation says; what can go wrong there can be switched on.
"""
