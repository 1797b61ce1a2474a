"""Read the regulator's public lists as they are published: xlsx, csv, HTML, PDF, JSON.

    a reader of the form   →  grids of cells: spreadsheets, delimited, web_tables, pdf_tables, json_lists
    rows                   →  rows under their headers, split ones put together
    shifts                 →  cells in their columns
    building               →  entries and cancellations
    sequences              →  what is wrong with the order of a list

What is repaired is noted, with what stood there; what is not certain is noted, and left as it is.
"""

from __future__ import annotations

from countermark.inventory.register.importing.reading import FORMS, Reading, form_of, read

__all__ = ["FORMS", "Reading", "form_of", "read"]
