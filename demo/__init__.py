"""The demonstration: a producer, two products, a printed sheet, a photograph and its verdicts."""
