"""What do all tests share? A server started as a user would start it."""

pytest_plugins = ["tests.server"]
