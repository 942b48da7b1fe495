"""Marquez's API, read side: the paths that its page, its clients and people's scripts ask."""
