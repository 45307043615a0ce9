"""What is printed on: sheets of labels, or single labels on a roll."""

from tagserver.labels.geometry import LabelSpec, Page, SheetSpec

Stock = SheetSpec | LabelSpec


def label_of(stock: Stock) -> LabelSpec:
    """The label of a sheet or roll."""
    return stock.label if isinstance(stock, SheetSpec) else stock


def sheet_of(stock: Stock) -> SheetSpec:
    """The sheet; a roll's label is a page of its own."""
    return stock if isinstance(stock, SheetSpec) else one_a_page(stock)


def one_a_page(label: LabelSpec) -> SheetSpec:
    """Pages as large as a label, which printer drivers of rolls expect."""
    return SheetSpec(
        page=Page(name="label", width_mm=label.width_mm, height_mm=label.height_mm),
        columns=1,
        rows=1,
        label=label,
        left_mm=0.0,
        top_mm=0.0,
        pitch_x_mm=label.width_mm,
        pitch_y_mm=label.height_mm,
    )
