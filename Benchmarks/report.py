"""Runs the sections of the benchmark and prints one table: our figure, the peers' from the same
run, the ratio, what was aimed at and whether it is met.

    report.py BENCH TSS [--quick] [SECTION…]

BENCH is the program that times ours and TSS the laboratory's command. The aims stand here and
nowhere else.
"""

import os
import statistics
import subprocess
import sys
import time

import peers

# (section, words of the case, part of the variant, what is aimed at, its limit in the unit of the row or in
# multiples of the named row or peer). The first that fits is taken.
AIMS = [
    # A tenth of nn2pp (C++, Armadillo), which took 12.7, 18.5 and 195 us on an EPYC with AVX-512.
    ("sgd", "N=784", "float64 avx512", "nn2pp/10", 1.27),
    ("sgd", "N=1000", "float64 avx512", "nn2pp/10", 1.85),
    ("sgd", "N=10000", "float64 avx512", "nn2pp/10", 19.5),
    ("reduced", "K=4 M=4", "one run", "200 ns", 200),
    ("reduced", "K=4 M=4", "8 in lanes", "60 ns", 60),
    ("reduced", "K=4 M=4", "to alpha=100", "20 s", 20),
    ("ode", "K=4 M=4 alpha=1000", "1e-08", "10 ms", 10),
    ("ode", "K=4 M=4 alpha=1000000", "1e-08", "100 ms", 100),
    ("ode", "K=16 M=16", "1e-08", "2 s", 2000),
    ("relu", "K=4 M=4", "1e-08", "2 s", 2000),
    ("activation", "", "by hand", "2 x built-in", 2.0),
    ("sweep", "", "2 threads", "1/1.8 of one", 1 / 1.8),
    ("language", "fib(27)", "", "CPython", 1.0),
    ("language", "start", "", "30 ms", 30),
]

TITLES = {
    "sgd": "Online SGD in weight space",
    "reduced": "Online SGD through the order parameters (nobody else does it)",
    "ode": "The equations, erf: time and largest relative error of eg against tolerance 1e-12",
    "relu": "The equations, ReLU by quadrature (no peer has them)",
    "activation": "An activation written by the user, beside the built-in erf",
    "sweep": "A sweep on one thread and on two, by the clock",
    "language": "The language, beside CPython " + sys.version.split()[0],
}

ROW = "  {:<34} {:<25} {:>10} {:<8} {:>9} {:>11}  {}"


class Report:
    def __init__(self, bench, tss, quick):
        self.bench, self.tss, self.repetitions = bench, tss, 1 if quick else 5
        self.quick = quick
        self.missed = []

    def section(self, name):
        print(f"\n{TITLES[name]}")
        print(ROW.format("", "", "", "", "error", "ours is", "aim"))
        command = [self.bench, name] + (["--quick"] if self.quick else [])
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        rows, starts, references = [], {}, {}
        for line in lines.splitlines():
            kind, *fields = line.split("\t")
            if kind == "row":
                rows.append(fields)
            elif kind == "start":
                starts[fields[0]] = [float(x) for x in fields[1].split()]
            elif kind == "reference":
                references[fields[0]] = [
                    [float(x) for x in part.split()] for part in fields[1:]]
        if name == "language":
            rows.insert(0, ["start of the process, tss -e 1", "tss", self.startup(), "ms", "-"])
        self.ours = {(case, variant): float(value) for case, variant, value, _, _ in rows}
        cases = list(dict.fromkeys(case for case, *_ in rows))
        for case in cases:
            mine = [row for row in rows if row[0] == case]
            others = self.peers(name, case, starts, references)
            for _, variant, value, unit, error in mine:
                self.row(name, case, variant, float(value), unit, error, others)
            for peer, (value, error) in others.items():
                ours = self.comparable(mine, error)
                self.line(case, peer, value, mine[0][3], error, ratio(value / ours))

    @staticmethod
    def comparable(mine, error):
        """Our fastest figure that is as accurate as a peer's; the first where none is."""
        if error is None:
            return float(mine[0][2])
        accurate = [float(row[2]) for row in mine if float(row[4]) <= error]
        return min(accurate, default=float(mine[0][2]))

    def row(self, section, case, variant, value, unit, error, others):
        aim, multiple = "", ""
        for where, part, kind, text, limit in AIMS:
            if where == section and set(part.split()) <= set(case.split()) and kind in variant:
                reached = value
                if section == "activation":
                    reached = value / self.ours[case, variant.replace(" by hand", "")]
                    multiple = f"{reached:.2f}x"
                elif section == "sweep":
                    reached = value / self.ours[case, "1 thread"]
                    multiple = f"{1 / reached:.2f}x"
                elif text == "CPython":
                    reached = value / others["CPython"][0]
                met = reached <= limit
                aim = f"{text}: {'met' if met else 'MISSED'}"
                if not met:
                    self.missed.append(f"{case}, {variant}")
                break
        self.line(case, variant, value, unit, None if error == "-" else float(error), multiple, aim)

    def line(self, case, variant, value, unit, error, ratio="", aim=""):
        mistake = "" if error is None else f"{error:.1e}"
        print(ROW.format(case, variant, f"{value:.3g}", unit, mistake, ratio, aim).rstrip(),
              flush=True)

    def peers(self, section, case, starts, references):
        """{name: (value, error)} of those that are installed and can do the case."""
        numbers = dict(part.split("=") for part in case.split() if "=" in part)
        if section == "sgd":
            size = int(numbers["K"]), int(numbers["M"]), int(numbers["N"])
            return {
                name: (self.median(lambda: peer(*size)), None)
                for name, module, peer in peers.SGD if module}
        if section == "ode":
            K, M = int(numbers["K"]), int(numbers["M"])
            found = {}
            for name, module, largest, peer in peers.ODE:
                # Explicit steps follow the fastest scale: a million of alpha takes minutes.
                if not module or K > largest or ("DOP853" in name and K * M > 64):
                    continue
                if int(numbers["alpha"]) > 1000 and (K > 4 or "DOP853" in name):
                    continue
                results = []
                while len(results) < self.repetitions:
                    results.append(peer(K, M, starts[case], *references[case]))
                    # Once is enough for what takes seconds.
                    if results[-1][0] > 3000:
                        break
                found[name] = statistics.median(r[0] for r in results), results[0][1]
            return found
        if section == "language" and case in peers.LANGUAGE:
            return {"CPython": (self.median(lambda: peers.language(case)), None)}
        return {}

    def median(self, measure):
        return statistics.median(measure() for _ in range(self.repetitions))

    def startup(self):
        """Milliseconds by the clock of the whole process."""

        def once():
            begin = time.perf_counter()
            subprocess.run([self.tss, "-e", "1"], stdout=subprocess.DEVNULL, check=True)
            return (time.perf_counter() - begin) * 1e3

        once()
        return statistics.median(once() for _ in range(11))


def ratio(times):
    return f"{times:.1f}x faster" if times >= 1 else f"{1 / times:.1f}x slower"


def main():
    arguments = [a for a in sys.argv[3:] if a != "--quick"]
    unknown = [a for a in arguments if a not in TITLES]
    if unknown:
        sys.exit(f"no section `{unknown[0]}`; there are {', '.join(TITLES)}")
    report = Report(sys.argv[1], sys.argv[2], "--quick" in sys.argv)
    kind = "one run each" if report.quick else "medians of five"
    print(f"{kind}, processor time, one thread; eta = 0.2, sigma = 0.1", end="")
    print(f"; load {os.getloadavg()[0]:.1f} at the start")
    if peers.MISSING:
        print(f"not installed, so not measured: {', '.join(peers.MISSING)} ({peers.INSTALL})")
    for name in TITLES:
        if not arguments or name in arguments:
            report.section(name)
    print("\nall aims met" if not report.missed else "\nmissed: " + "; ".join(report.missed))


main()
