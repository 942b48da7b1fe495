"""How is the graph engine that comes with Headwater started, and how does it end with its owner?"""
