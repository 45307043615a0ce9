"""The console: pages on which people of an organisation do what programs do with tokens."""
