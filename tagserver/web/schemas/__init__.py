"""What goes in and out as JSON, one module a resource. The OpenAPI document is made from these."""
