"""The questions as GraphQL: schema, types, batching, limits."""
