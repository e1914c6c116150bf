"""What holds of the suites, the runner and the reference backend."""
