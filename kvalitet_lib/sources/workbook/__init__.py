"""How a workbook is measured and inspected before, and while, a spreadsheet reader is let near it."""
