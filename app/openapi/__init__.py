"""What can be asked over plain HTTP, in a form that programs read: the document at /openapi.json (OpenAPI 3.1)."""
