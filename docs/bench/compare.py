#!/usr/bin/env python3
"""Measures singletonfix beside its peers on the same trees, in one run.

Tools take turns, so that what else the machine does hits all of them alike;
what is printed are medians, and ratios to `go vet`. See README.md.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

EXPLAIN = {
    "read": "reading every Go file once",
    "report": "singletonfix, report",
    "diff": "singletonfix -d",
    "vettool": "go vet -vettool=singletonfix",
    "vet": "go vet",
    "fix": "go fix -diff",
    "staticcheck": "staticcheck",
    "golangci-lint": "golangci-lint, one linter",
}


def commands(tool, tests):
    """Returns name -> command line of the tools that there are."""
    found = {
        "report": [tool, "./..."],
        "diff": [tool, "-d", "./..."],
        "vet": ["go", "vet"] + ([] if tests else ["-tests=false"]) + ["./..."],
        "vettool": ["go", "vet", "-vettool=" + tool, "./..."],
        "fix": ["go", "fix", "-diff", "./..."],
        "read": [sys.executable, os.path.abspath(__file__), "--read", "."],
    }
    if shutil.which("staticcheck"):
        found["staticcheck"] = ["staticcheck", "-tests=%s" % str(tests).lower(), "./..."]
    if shutil.which("golangci-lint"):
        found["golangci-lint"] = ["golangci-lint", "run", "--enable-only=staticcheck", "--tests=%s" % str(tests).lower(), "./..."]
    return found


def run(command, tree, env):
    """Runs a command, and returns its seconds of wall and CPU time, and its peak memory in MB.

    CPU time and memory are those of the largest process and all that it waited for.
    """
    start = time.perf_counter()
    p = subprocess.Popen(command, cwd=tree, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    if p.returncode not in (0, 1, 3):
        print("  note: %s ended with status %d" % (" ".join(command[:3]), p.returncode))
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure(tools, tree, times, cold):
    """Runs all tools in turn, so many times, and returns name -> medians."""
    samples = {name: [] for name in tools}
    if not cold:
        for command in tools.values():
            run(command, tree, os.environ)
    for _ in range(times):
        for name, command in tools.items():
            env = dict(os.environ)
            if cold:
                env["GOCACHE"] = tempfile.mkdtemp(prefix="bench-cache-")
                env["GOFLAGS"] = "-mod=mod"
            samples[name].append(run(command, tree, env))
            if cold:
                shutil.rmtree(env["GOCACHE"], ignore_errors=True)
    return {name: [statistics.median(s[i] for s in runs) for i in range(3)] for name, runs in samples.items()}


def show(title, medians):
    base = medians.get("vet") or next(iter(medians.values()))
    print("\n%s (load %.1f)" % (title, os.getloadavg()[0]))
    print("%-34s %8s %6s %8s %6s %8s %6s" % ("", "wall s", "ratio", "CPU s", "ratio", "peak MB", "ratio"))
    for name, m in medians.items():
        print("%-34s" % EXPLAIN[name] + "".join(" %8.3f %6.2f" % (v, v / b if b else 0) for v, b in zip(m, base)))


def generate(dir, packages):
    """Writes a module of so many packages, of which one in a hundred holds a singleton."""
    os.makedirs(dir)
    write(dir, "go.mod", "module example.com/generated\n\ngo 1.24\n")
    for i in range(packages):
        sub = os.path.join(dir, "d%02d" % (i % 100), "p%d" % i)
        os.makedirs(sub)
        functions = "".join(FUNCTION.replace("#", str(n)) for n in range(30))
        getter = GETTER if i % 100 == 0 else ""
        uses = '\n\t"example.com/generated/d%02d/p%d"' % ((i - 1) % 100, i - 1) if i % 7 == 1 else ""
        use = "\nvar _ = p%d.F0\n" % (i - 1) if uses else ""
        write(sub, "p.go", 'package p%d\n\nimport (\n\t"errors"\n\t"strings"\n%s\n)\n%s%s%s' % (i, uses, use, functions, getter))
        write(sub, "p_test.go", "package p%d\n\nimport \"testing\"\n\nfunc Test(t *testing.T) {\n\tif _, err := F0(nil); err == nil {\n\t\tt.Fail()\n\t}\n}\n" % i)


FUNCTION = """
// F# joins what is in words.
func F#(words []string) (string, error) {
	if len(words) == 0 {
		return "", errors.New("no words")
	}
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteString(", ") // between two
		}
		b.WriteString(w)
	}
	return b.String(), nil
}
"""

GETTER = """
type client struct{ name string }

var shared *client

// Shared returns the client.
func Shared() *client {
	if shared == nil {
		shared = &client{name: "shared"}
	}
	return shared
}
"""


def write(dir, name, text):
    with open(os.path.join(dir, name), "w") as f:
        f.write(text)


def growth(tools, sizes, times, svg, cpu):
    """Measures generated modules of several sizes, and draws time against size: CPU time where cpu is set."""
    column = 1 if cpu else 0
    points = {name: [] for name in tools}
    for n in sizes:
        with tempfile.TemporaryDirectory(prefix="bench-") as top:
            tree = os.path.join(top, "m")
            generate(tree, n)
            medians = measure(tools, tree, times, cold=False)
            show("generated, %d packages" % n, medians)
        for name, m in medians.items():
            points[name].append((n, m))
    if len(sizes) > 1:
        import math

        for name, ps in points.items():
            (n0, a), (n1, b) = ps[0], ps[-1]
            grown = [math.log(b[i] / a[i]) / math.log(n1 / n0) for i in range(2)]
            print("%-34s wall time ~ size^%.2f, CPU time ~ size^%.2f, memory x %.2f" % (EXPLAIN[name], *grown, b[2] / a[2]))
    if svg:
        with open(svg, "w") as f:
            f.write(plot({name: [(n, m[column]) for n, m in ps] for name, ps in points.items()}, "CPU seconds" if cpu else "seconds"))


def plot(lines, unit):
    """Returns lines of (packages, seconds) as an SVG with linear axes."""
    w, h, left, low = 720, 400, 60, 40
    maxx = max(x for ps in lines.values() for x, _ in ps)
    maxy = max(y for ps in lines.values() for _, y in ps) * 1.05
    px = lambda x: left + x / maxx * (w - left - 200)
    py = lambda y: h - low - y / maxy * (h - 2 * low)
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">' % (w, h), '<rect width="%d" height="%d" fill="white"/>' % (w, h)]
    for i in range(5):
        y = maxy * i / 4
        out.append('<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end">%.1f s</text>' % (left, px(maxx), py(y), py(y), left - 6, py(y) + 4, y))
    out.append('<text x="%d" y="%d">%s</text>' % (left, low - 14, unit))
    for x in sorted({x for ps in lines.values() for x, _ in ps}):
        out.append('<text x="%.1f" y="%d" text-anchor="middle">%d</text>' % (px(x), h - low + 18, x))
    out.append('<text x="%.1f" y="%d" text-anchor="middle">packages</text>' % (px(maxx / 2), h - 6))
    for (name, ps), color in zip(lines.items(), ["#999", "#06c", "#c33", "#393", "#a5a", "#c80", "#088", "#444"]):
        out.append('<polyline fill="none" stroke="%s" stroke-width="2" points="%s"/>' % (color, " ".join("%.1f,%.1f" % (px(x), py(y)) for x, y in ps)))
        out.append('<text x="%.1f" y="%.1f" fill="%s">%s</text>' % (px(maxx) + 6, py(ps[-1][1]) + 4, color, EXPLAIN[name]))
    return "\n".join(out + ["</svg>", ""])


def read(top):
    """Reads every Go file below top, as ./... means them."""
    for dir, dirs, files in os.walk(top):
        dirs[:] = [d for d in dirs if d not in ("testdata", "vendor") and d[0] not in "._"]
        for name in files:
            if name.endswith(".go"):
                with open(os.path.join(dir, name), "rb") as f:
                    f.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trees", nargs="*", help="modules to measure on; GOROOT/src is the Go distribution")
    parser.add_argument("--tool", default="singletonfix", help="the singletonfix to measure")
    parser.add_argument("--only", help="names of the tools, separated by commas: " + ", ".join(EXPLAIN))
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--cold", action="store_true", help="with an empty build cache at each run")
    parser.add_argument("--no-tests", action="store_true", help="without test files, where a tool can leave them out")
    parser.add_argument("--generated", help="sizes of generated modules, separated by commas: 2500,5000,10000,20000")
    parser.add_argument("--svg", help="draw time against size into this file")
    parser.add_argument("--cpu", action="store_true", help="draw CPU time, which says more than wall time where others use the machine")
    parser.add_argument("--read", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.read:
        return read(args.read)
    tools = commands(os.path.abspath(shutil.which(args.tool) or args.tool), not args.no_tests)
    if args.only:
        tools = {name: tools[name] for name in args.only.split(",") if name in tools}
    for tree in args.trees:
        show(tree + (", cold" if args.cold else ", warm"), measure(tools, tree, args.times, args.cold))
    if args.generated:
        growth(tools, [int(n) for n in args.generated.split(",")], args.times, args.svg, args.cpu)


if __name__ == "__main__":
    main()
