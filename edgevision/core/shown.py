"""Things as notebooks show them."""

from collections.abc import Sequence

MOST_ROWS = 20  # of a table


def as_table(head: Sequence[str], rows: Sequence[Sequence[str]], total: int) -> str:
    """HTML. rows: the first of `total`; their texts may hold anything."""
    from html import escape  # 2 ms, which only notebooks need

    def row(cells: Sequence[str], kind: str) -> str:
        return "<tr>" + "".join(f"<{kind}>{escape(cell)}</{kind}>" for cell in cells) + "</tr>"

    body = "".join(row(cells, "td") for cells in rows)
    more = f"<p>and {total - len(rows)} more</p>" if total > len(rows) else ""
    return f"<table><thead>{row(head, 'th')}</thead><tbody>{body}</tbody></table>{more}"
