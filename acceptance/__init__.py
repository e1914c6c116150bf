"""The plain Python under the keywords and the command: what a run is, apart from what it checks.

Read in this order: `configuration` (what was asked for), `session` (signing in, once), `transport` (every request),
`journal` (the account is left as found), `runner` (a run from start to end), `verdict` (what it means).
"""
