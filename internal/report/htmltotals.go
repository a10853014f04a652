package report

import "fmt"

// totals returns the numbers at the top of the page.
func totals(r *Report, o outlook) []total {
	sum := r.Summary
	risks := fmt.Sprintf("%d critical, %d medium, %d low", sum.Risk["critical"], sum.Risk["medium"], sum.Risk["low"])
	unsafe := total{Label: "unsafe now", Value: fmt.Sprint(sum.Unsafe), Note: risks, Class: "bad"}
	if sum.Unsafe == 0 {
		unsafe = total{Label: "unsafe", Value: "0", Note: "nothing to do", Class: "good"}
	}
	all := []total{
		{Label: "singletons", Value: fmt.Sprint(sum.Singletons), Note: "in " + count(sum.Packages, "package")},
		unsafe,
		{Label: "safe now", Value: fmt.Sprintf("%d %%", percent(o.Safe, o.Total)), Note: fmt.Sprintf("%d of %d", o.Safe, o.Total)},
	}
	if sum.Unsafe == 0 {
		return all
	}
	then := total{Label: "safe with the fixes", Value: fmt.Sprintf("%d %%", percent(o.Then, o.Total)), Note: fmt.Sprintf("%d of %d", o.Then, o.Total), Class: "good"}
	if n := o.Status[Review]; n > 0 {
		then.Note += fmt.Sprintf("; %d more for a reviewer", n)
	}
	lines := total{Label: "lines changed", Value: fmt.Sprintf("+%d −%d", sum.LinesAdded, sum.LinesRemoved), Note: "-d shows them, -w applies them"}
	if n := o.Status[Applied]; n > 0 {
		lines.Note = fmt.Sprintf("%d applied", n)
	}
	return append(all, then, lines)
}
