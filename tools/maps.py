"""The figure of a part's map: its pages in order, and arcs to the pages that they build on."""
from book import Page, builds_on, parts, size_of
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patches import Arc


def bulge(rows: int) -> float:
    """How far an arc over some rows swings to the left."""
    return 0.55 * rows**0.75


def arc(start: int, end: int) -> Arc:
    """The left half of an ellipse between two rows; dashed if it leads down."""
    rows = abs(end - start)
    return Arc((0, (start + end) / 2), 2 * bulge(rows), rows, theta1=90, theta2=270,
               color=f"C{end % 10}", lw=1.1, ls="-" if end < start else "--")


def part_map(folder: str) -> Figure:
    """Draw the part that lies in a folder, such as `gaussians`."""
    part = next(p for p in parts() if p.folder == folder)
    place: dict[Page, int] = {page: i for i, page in enumerate(part.pages)}
    ways = [(place[page], place[other])
            for page, found in builds_on(part).items() for other in found]
    room = bulge(max((abs(a - b) for a, b in ways), default=1)) + 0.4
    fig, ax = plt.subplots(figsize=size_of(len(place)), dpi=120, layout="constrained")
    for way in sorted(ways): ax.add_patch(arc(*way))
    for page, i in place.items():
        color = f"C{i % 10}"
        ax.plot(0, i, "o", ms=4.5, color=color, mfc=color if page.module else "white", zorder=3)
        ax.text(0.1 * room, i, page.text, va="center", fontsize=8.5)
    ax.set(xlim=(-room, 2.3 * room), ylim=(len(place) - 0.4, -0.6))
    ax.axis("off")
    return fig
