"""From runs to figures: medians with the least and the greatest, ratios, tables, aims."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from .process import Run

MB = 1e6


@dataclass(frozen=True)
class Figure:
    """Of one measure over all rounds."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: list[float]) -> "Figure":
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{short(self.median)} ({short(self.least)}-{short(self.most)})"


def short(value: float) -> str:
    """Three digits, for one reads them and not more."""
    if value >= 100:
        return f"{value:.0f}"
    if value >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}"


# What is printed of each run. A run's warm events become one value, their median.
MEASURES: dict[str, Callable[[Run], float]] = {
    "init": lambda run: run.init,
    "first": lambda run: run.first,
    "cold": lambda run: run.cold,
    "warm": lambda run: statistics.median(run.warm),
    "CPU init": lambda run: run.cpu_init,
    "CPU first": lambda run: run.cpu_first,
    "CPU warm": lambda run: statistics.median(run.cpu_warm),
    "RSS MB": lambda run: run.resident_mb,
}


@dataclass(frozen=True)
class Side:
    figures: dict[str, Figure]
    size_bytes: int

    @classmethod
    def of(cls, runs: list[Run], size_bytes: int) -> "Side":
        figures = {
            name: Figure.of([measure(run) for run in runs]) for name, measure in MEASURES.items()
        }
        return cls(figures, size_bytes)

    def __getitem__(self, measure: str) -> float:
        return self.figures[measure].median

    def as_json(self) -> dict:
        shown = {name: vars(figure) for name, figure in self.figures.items()}
        return shown | {"size_bytes": self.size_bytes}


@dataclass(frozen=True)
class Result:
    case: str
    measured: bool  # False for a variant, which is not in the summary.
    calls: int
    connections: tuple[int, int]  # Rust's and Python's.
    rust: Side
    python: Side

    def ratio(self, measure: str) -> float:
        return self.python[measure] / self.rust[measure]


def table(result: Result) -> str:
    """Everything of one case."""
    lines = [f"{'':10}{'Rust':>26}{'Python':>26}{'ratio':>9}"]
    for measure in MEASURES:
        rust, python = result.rust.figures[measure], result.python.figures[measure]
        ratio = short(result.ratio(measure))
        lines.append(f"{measure:10}{rust!s:>26}{python!s:>26}{ratio:>9}")
    sizes = (result.rust.size_bytes / MB, result.python.size_bytes / MB)
    ratio = short(sizes[1] / sizes[0])
    lines.append(f"{'size MB':10}{short(sizes[0]):>26}{short(sizes[1]):>26}{ratio:>9}")
    return "\n".join(lines)


OURS = ("init", "first", "warm", "CPU first", "CPU warm", "RSS MB")
THEIRS = ("init", "first", "warm", "RSS MB")


def summary(results: list[Result]) -> str:
    """The table for the README; its last column says how many times as fast the cold start is."""
    heads = ["function", "calls", *OURS, "size MB", *(f"Python: {what}" for what in THEIRS), "cold"]
    rows = [heads, ["---"] + ["--:"] * (len(heads) - 1)]
    for result in results:
        rows.append([
            f"`{result.case}`",
            str(result.calls),
            *(short(result.rust[measure]) for measure in OURS),
            short(result.rust.size_bytes / MB),
            *(short(result.python[measure]) for measure in THEIRS),
            f"{short(result.ratio('cold'))} ×",
        ])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


@dataclass(frozen=True)
class Aim:
    what: str
    unit: str
    least: float | None
    most: float | None
    of: Callable[[Result], float]
    # Whether it is meant for functions that make one AWS call.
    one_call: bool = True

    def word(self, result: Result) -> str:
        value = self.of(result)
        met = (self.most is None or value <= self.most) and (
            self.least is None or value >= self.least)
        word = "met" if met else "NOT MET"
        return f"{result.case} ({result.calls} AWS calls): {short(value)} {self.unit}, {word}"


AIMS = [
    Aim("cold start with one AWS call, at most 10 ms", "ms", None, 10, lambda r: r.rust["cold"]),
    Aim("cold start with one AWS call, at least 25 times as fast as Python", "times", 25, None,
        lambda r: r.ratio("cold")),
    Aim("CPU of the first invocation, at most 3 ms", "ms", None, 3,
        lambda r: r.rust["CPU first"], one_call=False),
    Aim("CPU of a warm invocation, at most 0.6 ms", "ms", None, 0.6,
        lambda r: r.rust["CPU warm"], one_call=False),
    Aim("peak memory, at most 10 MB", "MB", None, 10, lambda r: r.rust["RSS MB"], one_call=False),
    Aim("size of one function, at most 6.5 MB", "MB", None, 6.5,
        lambda r: r.rust.size_bytes / MB, one_call=False),
]


def against_aims(results: list[Result]) -> str:
    """In words, and no more than words: figures of a shared machine fail nothing."""
    lines = []
    for aim in AIMS:
        lines.append(aim.what)
        held = [result for result in results if result.calls == 1 or not aim.one_call]
        lines += [f"  {aim.word(result)}" for result in held]
    return "\n".join(lines)
