"""Makes Robot Framework's pages, which are laid out for wide screens, readable on a phone."""

from pathlib import Path

HEAD_END = "</head>"
STYLE = """<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
@media (max-width: 700px) {
    #header, .statistics { width: auto; }
    #header h1 { overflow-wrap: anywhere; }
    .details, .details > *, .details > tbody > tr, .details > tbody > tr > * { display: block; width: auto; }
    .doc table, #statistics-container { display: block; overflow-x: auto; }
    .doc td, .doc th { width: auto; }
}
</style>
"""


def adapt_to_narrow_screens(page: Path) -> None:
    """Add a style for narrow screens to the head of `page`."""
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace(HEAD_END, f"{STYLE}{HEAD_END}", 1), encoding="utf-8")
