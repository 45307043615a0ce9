"""The pure core: what a tag says, how it is signed, and what evidence about it amounts to.

Standard library, `cryptography` and `numpy` only; no clock, disk, network or randomness.
"""
