"""How is Headwater spoken to over HTTP?"""
