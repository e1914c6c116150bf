"""Mutation testing: which small changes to the reference backend the suites detect."""
