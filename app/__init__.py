"""How are questions asked, and events handed in? HTTP, GraphQL, the command line and the start-up."""
