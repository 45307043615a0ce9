"""Symbols and labels drawn for tests: QR codes by the library `qrcode`, an encoder independent of the product's."""

import cv2
import numpy as np
import qrcode

from scanner.images import GrayImage


def draw_qr(payload: str | bytes, *, module_pixels: int = 6) -> GrayImage:
    """A sharp QR code with its quiet zone, error correction M."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=module_pixels, border=4)
    code.add_data(payload, optimize=0 if isinstance(payload, bytes) else 1)
    code.make()
    modules = np.array(code.get_matrix(), np.uint8)
    return np.kron(255 * (1 - modules), np.ones((module_pixels, module_pixels), np.uint8))


def draw_label(payload: str) -> GrayImage:
    """A QR code on a white label with some text under it."""
    code = draw_qr(payload, module_pixels=12)
    height, width = code.shape
    label = np.full((height + 140, width + 40), 255, np.uint8)
    label[20 : 20 + height, 20 : 20 + width] = code
    cv2.putText(label, "(01) 09506000134352", (60, height + 80), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 2)
    return label


def on_paper(*codes: GrayImage, gap: int = 40) -> GrayImage:
    """Several codes side by side on one white page."""
    height = max(code.shape[0] for code in codes) + 2 * gap
    width = sum(code.shape[1] + gap for code in codes) + gap
    page = np.full((height, width), 255, np.uint8)
    left = gap
    for code in codes:
        page[gap : gap + code.shape[0], left : left + code.shape[1]] = code
        left += code.shape[1] + gap
    return page
