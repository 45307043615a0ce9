"""The routes, one module a resource, each with its `blueprint`."""
