"""The routers, one for each capability."""
