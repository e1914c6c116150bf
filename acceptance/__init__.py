"""The plain Python under the keywords and the command: what a run is, apart from what it checks.

Read in this order: `runner` (a run from start to end), `transport` (every request goes through it), `session` (signing
in, once), `safeguard` and `restoration` (the account is left as found), `verdict` (what it means).
"""
