"""What do all tests share? A server started as a user would start it, and an engine to ask directly."""

pytest_plugins = ["tests.server", "tests.engine"]
