"""The tests; folders mirror the packages, and journeys cross them."""
