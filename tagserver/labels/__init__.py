"""Printed labels: geometry in millimetres, QR symbols, and one writer a format.

The package is given texts and prints them; what a tag means is `tagcore`'s business. Callers need
`content`, `presets` and `rendering.render`, and `preparing.prepared` to ask about fit before they print.
"""

__all__: list[str] = []
