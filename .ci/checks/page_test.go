package checks

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A browser shows pages, and notes what they complain of.
type browser struct {
	ctx context.Context

	mu         sync.Mutex
	complaints []string
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("chromium is not installed")
		}
		t.Skip("chromium is not installed")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(profile(t)))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(cancel)
	ctx, _ = chromedp.NewContext(ctx)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) }) // waits until it is gone, and its folder with it
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	b := &browser{ctx: ctx}
	chromedp.ListenTarget(ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			b.complaints = append(b.complaints, fmt.Sprint("console: ", e.Type))
		case *runtime.EventExceptionThrown:
			b.complaints = append(b.complaints, e.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			b.complaints = append(b.complaints, e.Entry.Text)
		}
	})
	return b
}

// profile returns a folder for what a browser writes. Some of its processes
// write on for a moment when the first has ended.
func profile(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "browser")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		var err error
		for range 100 {
			if err = os.RemoveAll(dir); err == nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Error(err)
	})
	return dir
}

func (b *browser) do(t *testing.T, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// eval returns what an expression of JavaScript comes to.
func eval[T any](t *testing.T, b *browser, expr string) T {
	t.Helper()
	var v T
	b.do(t, chromedp.Evaluate(expr, &v))
	return v
}

// quiet fails where the page complained.
func (b *browser) quiet(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.complaints {
		t.Errorf("the browser says: %s", c)
	}
}

// size makes the window so wide, in a colour scheme.
func size(width int64, scheme string) chromedp.Action {
	return chromedp.Tasks{
		chromedp.EmulateViewport(width, 900),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
	}
}

const (
	visibleRows    = `[...document.querySelectorAll("#singletons tbody tr")].filter(r => !r.hidden).map(r => r.cells[1].textContent)`
	visibleEntries = `[...document.querySelectorAll("details.entry")].filter(e => !e.hidden).length`
	barLengths     = `new Set([...document.querySelectorAll(".chart svg")].map(s => s.getBoundingClientRect().width)).size`
	overflow       = `document.documentElement.scrollWidth - document.documentElement.clientWidth`
)

// TestPage uses the page as a reader does.
func TestPage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "audit.html")
	output(t, shop(t), "--audit", "--format=html", "-o", file)
	b := newBrowser(t)
	b.do(t, size(1280, "light"), chromedp.Navigate("file://"+file))

	names := func(want ...string) {
		t.Helper()
		if got := eval[[]string](t, b, visibleRows); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("the table shows %v, want %v", got, want)
		}
		if got := eval[int](t, b, visibleEntries); got != len(want) {
			t.Errorf("%d entries are shown, want %d", got, len(want))
		}
	}
	names("shared", "instance", "rates", "db", "counter") // the worst first, the safe last
	b.do(t, chromedp.Click(`button[data-column="1"]`))
	names("counter", "db", "instance", "rates", "shared")
	b.do(t, chromedp.Click(`button[data-column="1"]`))
	names("shared", "rates", "instance", "db", "counter")
	if got := eval[string](t, b, `document.querySelector("#singletons th:nth-child(2)").ariaSort`); got != "descending" {
		t.Errorf("the column says it is sorted %s", got)
	}

	b.do(t, chromedp.SendKeys("#search", "config"))
	names("rates", "instance")
	if got := eval[string](t, b, `document.querySelector("#matches").textContent`); got != "2 of 5 shown" {
		t.Errorf("the page says %q", got)
	}
	b.do(t, chromedp.Click(`button[type=reset]`), chromedp.Sleep(50*time.Millisecond))
	names("shared", "rates", "instance", "db", "counter")
	b.do(t, chromedp.SetValue("#fix", "once"), chromedp.Evaluate(`document.querySelector("#fix").dispatchEvent(new Event("input", {bubbles: true}))`, nil))
	names("rates", "instance")
	b.do(t, chromedp.Click(`button[type=reset]`), chromedp.Sleep(50*time.Millisecond))

	b.do(t, chromedp.Click("#close"))
	if got := eval[int](t, b, `document.querySelectorAll("details[open]").length`); got != 0 {
		t.Errorf("%d entries are open after Close all", got)
	}
	b.do(t, chromedp.Click(`a[href="#s4"]`), chromedp.WaitVisible("#s4[open] .diff"))

	keyboard(t, b)
	for _, width := range []int64{1280, 390} {
		for _, scheme := range []string{"light", "dark"} {
			b.do(t, size(width, scheme))
			if n := eval[int](t, b, overflow); n > 0 {
				t.Errorf("%d pixels wide, the page sticks out by %d", width, n)
			}
			if n := eval[int](t, b, barLengths); n != 1 {
				t.Errorf("%d pixels wide, the bars of the chart have %d lengths", width, n)
			}
			contrast(t, b, scheme)
			screenshot(t, b, fmt.Sprintf("page-%d-%s", width, scheme))
		}
	}
	b.quiet(t)
}

// keyboard holds that everything to be clicked can be reached without a
// mouse, and has a name.
func keyboard(t *testing.T, b *browser) {
	t.Helper()
	nameless := eval[[]string](t, b, `[...document.querySelectorAll("a, button, input, select, summary, [role=region]")]
		.filter(e => !(e.textContent.trim() || e.ariaLabel || e.labels?.length || e.getAttribute("aria-labelledby")) || e.tabIndex < 0)
		.map(e => e.outerHTML)`)
	for _, html := range nameless {
		t.Errorf("no name, or out of reach of the keyboard: %s", html)
	}
	b.do(t, chromedp.Focus(`button[data-column="0"]`), chromedp.KeyEvent("\r"))
	if got := eval[string](t, b, `document.querySelector("#singletons th").ariaSort`); got != "ascending" {
		t.Errorf("after Enter on a head of the table it is sorted %s", got)
	}
}

// contrast holds that text stands out from what is behind it as WCAG's AA
// asks: 4.5 to 1.
func contrast(t *testing.T, b *browser, scheme string) {
	t.Helper()
	faint := eval[[]string](t, b, `(() => {
		const rgb = (c) => c.match(/[\d.]+/g).map(Number);
		const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
		const behind = (e) => {
			for (; e; e = e.parentElement) {
				const c = rgb(getComputedStyle(e).backgroundColor);
				if (c.length < 4 || c[3] > 0) return c;
			}
			return [255, 255, 255];
		};
		const found = new Set();
		for (const e of document.querySelectorAll("body *")) {
			if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility() || e.closest("script")) continue;
			const [a, z] = [light(rgb(getComputedStyle(e).color)), light(behind(e))];
			const ratio = (Math.max(a, z) + .05) / (Math.min(a, z) + .05);
			if (ratio < 4.5) found.add(e.tagName + "." + e.className + ": " + ratio.toFixed(2));
		}
		return [...found];
	})()`)
	for _, f := range faint {
		t.Errorf("%s: too faint: %s", scheme, f)
	}
}

// screenshot leaves a picture where SCREENSHOTS names a folder.
func screenshot(t *testing.T, b *browser, name string) {
	t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	var png []byte
	b.do(t, chromedp.FullScreenshot(&png, 100))
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestPageHostile shows names that try to be markup and script.
func TestPageHostile(t *testing.T) {
	file, err := filepath.Abs("../../internal/report/testdata/hostile.html")
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t)
	b.do(t, size(390, "light"), chromedp.Navigate("file://"+file))
	if n := eval[int](t, b, `document.scripts.length`); n != 1 {
		t.Errorf("the page has %d scripts, want its own", n)
	}
	if n := eval[int](t, b, `document.querySelectorAll("#singletons tbody tr").length`); n != 6 {
		t.Errorf("the table has %d rows, want 6", n)
	}
	if n := eval[int](t, b, overflow); n > 0 {
		t.Errorf("the page sticks out by %d", n)
	}
	screenshot(t, b, "hostile-390")
	b.quiet(t)
}

// TestPagePrint holds that the printed page shows all of the details.
func TestPagePrint(t *testing.T) {
	file, err := filepath.Abs("../../internal/report/testdata/report.html")
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t)
	b.do(t, chromedp.Navigate("file://"+file), chromedp.Click("#close"))
	closed := eval[int](t, b, `(dispatchEvent(new Event("beforeprint")), document.querySelectorAll("details:not([open])").length)`)
	if closed != 0 {
		t.Errorf("%d entries are closed in print", closed)
	}
	again := eval[int](t, b, `(dispatchEvent(new Event("afterprint")), document.querySelectorAll("details[open]").length)`)
	if again != 0 {
		t.Errorf("%d entries stay open after printing", again)
	}
	b.quiet(t)
}
