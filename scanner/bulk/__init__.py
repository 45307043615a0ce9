"""Many codes at once: a list of texts or a folder of photographs in, a report a line out.

`listing` and `pictures` read what there is, `gathering` keeps it on disk and finds what stands there twice, `judging`
checks it with pinned keys, a server, or both, and `reporting` writes it down. Whatever is wrong with one item stays
with that item.
"""

from scanner.bulk.entry import Entry, Flaw
from scanner.bulk.gathering import Gathered, gather
from scanner.bulk.judging import Judge
from scanner.bulk.listing import ListFormatError, entries_in_list
from scanner.bulk.pictures import entries_in_folder
from scanner.bulk.reporting import Report, Tally

__all__ = [
    "Entry",
    "Flaw",
    "Gathered",
    "Judge",
    "ListFormatError",
    "Report",
    "Tally",
    "entries_in_folder",
    "entries_in_list",
    "gather",
]
