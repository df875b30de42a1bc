"""Tables in plain text."""


def table(heads: tuple, rows: list[tuple]) -> str:
    """Columns as wide as they need to be, except the last."""
    texts = [tuple(str(cell) for cell in row) for row in (heads, *rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(heads))]
    rule = tuple("-" * width for width in widths)
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
        for row in (texts[0], rule, *texts[1:])
    ]
    return "\n".join(lines)
