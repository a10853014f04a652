package report

import "strings"

// sarif returns f as replacements of whole lines.
func (f *Fix) sarif() sarifFix {
	text := "Make it safe with " + f.Strategy
	if f.Status == Review {
		text += "; look at it before you apply it"
	}
	fix := sarifFix{Description: sarifText{Text: text}}
	for _, c := range f.Changes {
		fix.Changes = append(fix.Changes, sarifChange{Artifact: sarifArtifact{URI: sarifURI(c.Name)}, Replacements: sarifReplacements(c)})
	}
	return fix
}

// sarifReplacements returns c as the lines that it takes away and puts there.
func sarifReplacements(c FileChange) []sarifReplacement {
	var all []sarifReplacement
	lines := diffLines(string(c.Before), string(c.After))
	for i, line := 0, 1; i < len(lines); {
		if lines[i].op == ' ' {
			i, line = i+1, line+1
			continue
		}
		gone := sarifRegion{StartLine: line, StartColumn: 1, EndLine: line, EndColumn: 1}
		var put strings.Builder
		for ; i < len(lines) && lines[i].op != ' '; i++ {
			if lines[i].op == '+' {
				put.WriteString(lines[i].text)
				continue
			}
			if line++; strings.HasSuffix(lines[i].text, "\n") {
				gone.EndLine = line
			} else {
				gone.EndLine, gone.EndColumn = line-1, utf16Len(lines[i].text)+1 // the file ends without a line end
			}
		}
		all = append(all, sarifReplacement{Deleted: gone, Inserted: sarifContent{Text: put.String()}})
	}
	return all
}

func utf16Len(text string) int {
	n := 0
	for _, r := range text {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}
