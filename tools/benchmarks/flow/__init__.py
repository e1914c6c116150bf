"""The alternative to this project: a script for each API, with the checks of the backend's guide.

Each logs in, writes no report, restores nothing, and does not lock the account.
"""
