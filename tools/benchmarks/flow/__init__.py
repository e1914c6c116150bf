"""What a team would write without this project: a script for each API, by the flow that the backend's guide gives.

They sign in each for themselves, keep no report, put nothing back, and know no other run.
"""
