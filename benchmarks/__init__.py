"""How fast a run is, and what it is measured against: `make bench` says it in a table.

Read in this order: `__main__` (the command), `contenders` (what is compared), `delay` (a backend that takes its time),
`measuring` (one run of one contender), `table` (what is said of many).
"""
