"""Mutation score: how many small changes to the reference backend the suites notice, and why not the others."""
