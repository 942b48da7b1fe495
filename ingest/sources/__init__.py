"""Where do events come from, other than over HTTP?"""
