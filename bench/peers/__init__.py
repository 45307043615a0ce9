"""What the figures are compared with, built as plainly as it is usually built."""
