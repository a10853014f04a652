package rewrite

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/dave/dst"
	"github.com/dave/dst/decorator"
)

const packageClause = "package p\n\n"

// printDecls returns the text of declarations without what stands around
// them: no blank line, and no line end after the last.
func printDecls(decls ...dst.Decl) (text string, err error) {
	defer func() {
		// The restorer panics where a node stands at two places.
		if r := recover(); r != nil {
			err = fmt.Errorf("print the new code: %v", r)
		}
	}()
	var out bytes.Buffer
	file := &dst.File{Name: dst.NewIdent("p"), Decls: decls}
	if err := decorator.NewRestorer().Fprint(&out, file); err != nil {
		return "", fmt.Errorf("print the new code: %w", err)
	}
	text, ok := strings.CutPrefix(out.String(), packageClause)
	if !ok {
		return "", fmt.Errorf("print the new code: it begins %.40q", out.String())
	}
	return strings.TrimRight(text, "\n"), nil
}

// bare takes from decl the comments that stand in front of its keyword or
// behind its end: they are outside the range of bytes that is spliced.
func bare(decl dst.Decl) {
	d := decl.Decorations()
	d.Before, d.After, d.Start, d.End = dst.EmptyLine, dst.NewLine, nil, nil
	gen, ok := decl.(*dst.GenDecl)
	if !ok || gen.Lparen {
		return
	}
	for _, spec := range gen.Specs {
		// The comment behind a lone spec would be printed twice: here, and by the bytes that stay.
		spec.Decorations().End = nil
	}
}

// render returns the file's bytes after the edits of its declarations.
func (w *workspace) render(f *workFile) ([]byte, error) {
	var splices []splice
	for _, decl := range f.syntax.Decls {
		t := f.decls[decl]
		if t == nil {
			continue
		}
		more, err := w.spliceDecl(f, decl, t)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", w.fset.PositionFor(decl.Pos(), false).Line, err)
		}
		splices = append(splices, more...)
	}
	if len(splices) == 0 {
		return f.file.Src, nil
	}
	draft, err := f.src.render(splices)
	if err != nil {
		return nil, err
	}
	imports, err := w.spliceImports(f, draft)
	if err != nil || len(imports) == 0 {
		return draft, err
	}
	return f.src.render(append(splices, imports...))
}

// spliceDecl returns the splices of one declaration.
func (w *workspace) spliceDecl(f *workFile, decl ast.Decl, t *topEdit) ([]splice, error) {
	if t.gone {
		return w.spliceGone(f, decl, t)
	}
	start, end := f.offset(decl.Pos()), f.offset(decl.End())
	before, err := text(t.before)
	if err != nil {
		return nil, err
	}
	after, err := text(t.after)
	if err != nil {
		return nil, err
	}
	var out []splice
	if before != "" {
		at := f.offset(docStart(decl))
		out = append(out, splice{at, at, f.indented(decl, t, turn(t.before, before))})
	}
	if fn, ok := decl.(*ast.FuncDecl); ok && t.doc != "" {
		out = append(out, f.document(fn, t.doc))
	}
	if len(t.above) > 0 {
		out = append(out, splice{start, start, strings.Join(t.above, "\n") + "\n"})
	}
	if t.changed {
		edited, err := printDecls(t.decl)
		if err != nil {
			return nil, err
		}
		inner, ok := merge(string(f.src.text[start:end]), t.base, edited, f.indent())
		if !ok {
			inner = []splice{{0, end - start, edited}}
		}
		for _, sp := range inner {
			out = append(out, splice{start + sp.start, start + sp.end, sp.text})
		}
	}
	if after != "" {
		at := f.lineTail(end)
		if next := f.src.text[at:]; !t.after[len(t.after)-1].tight && len(next) > 1 && !bytes.HasPrefix(next, []byte("\n\n")) {
			after += "\n"
		}
		out = append(out, splice{at, at, f.indented(decl, t, after)})
	}
	return out, nil
}

// turn puts the gap of each piece, which text writes in front of it, behind it.
func turn(pieces []piece, text string) string {
	return strings.TrimPrefix(text, pieces[0].gap()) + pieces[len(pieces)-1].gap()
}

// spliceGone returns the splices of a declaration that is gone. The first of
// the new ones takes its place; without any, its lines go, and one of the
// blank lines around them.
func (w *workspace) spliceGone(f *workFile, decl ast.Decl, t *topEdit) ([]splice, error) {
	start, end := f.offset(decl.Pos()), f.offset(decl.End())
	doc, tail := f.offset(docStart(decl)), f.lineTail(end)
	if pieces := slices.Concat(t.before, t.after); len(pieces) > 0 {
		first, err := text(pieces[:1])
		if err != nil {
			return nil, err
		}
		rest, err := text(pieces[1:])
		if err != nil {
			return nil, err
		}
		above := append(slices.Clone(t.above), t.left(f.commentsIn(start, end))...)
		first = strings.Join(append(above, strings.TrimLeft(first, "\n")), "\n")
		return []splice{{start, end, f.indented(decl, t, first)}, {tail, tail, f.indented(decl, t, rest)}}, nil
	}
	stay := slices.Clone(t.above)
	if t.homeless == nil {
		stay = append(stay, t.left(f.commentsIn(doc, tail))...)
	}
	if len(stay) > 0 {
		if next := f.src.text[tail:]; isDirective(stay[len(stay)-1]) && bytes.HasPrefix(bytes.TrimLeft(next[min(1, len(next)):], " \t"), []byte("//")) {
			// gofmt would move a directive behind the comment that it would become one with.
			stay = append(stay, "")
		}
		return []splice{{doc, tail, strings.Join(stay, "\n")}}, nil
	}
	from, to := f.wholeLines(doc, tail)
	return []splice{{from, to, ""}}, nil
}

// rehome gives the comments of the declarations that are gone to the nodes
// that are to have them.
func (w *workspace) rehome() error {
	for _, file := range w.pkg.Files {
		f := w.files[file]
		if f == nil {
			continue
		}
		for _, decl := range f.syntax.Decls {
			t := f.decls[decl]
			if t == nil || !t.gone || t.homeless == nil || len(t.before)+len(t.after) > 0 {
				continue
			}
			doc, tail := f.offset(docStart(decl)), f.lineTail(f.offset(decl.End()))
			if err := w.giveComments(t.homeless, t.left(f.commentsIn(doc, tail))); err != nil {
				return err
			}
		}
	}
	return nil
}

// left returns comments of a declaration without those that have been given away.
func (t *topEdit) left(comments []string) []string {
	given := slices.Clone(t.given)
	return slices.DeleteFunc(comments, func(c string) bool {
		i := slices.Index(given, c)
		if i >= 0 {
			given = slices.Delete(given, i, i+1)
		}
		return i >= 0
	})
}

// commentsIn returns the text of the comments between two offsets.
func (f *workFile) commentsIn(start, end int) []string {
	var out []string
	for _, group := range f.syntax.Comments {
		for _, c := range group.List {
			if at := f.offset(c.Pos()); start <= at && at < end {
				out = append(out, c.Text)
			}
		}
	}
	return out
}

// wholeLines widens the bytes start..end to whole lines, if nothing else is
// on them, and to one of the blank lines around them.
func (f *workFile) wholeLines(start, end int) (from, to int) {
	text := f.src.text
	from, to = bytes.LastIndexByte(text[:start], '\n')+1, len(text)
	if i := bytes.IndexByte(text[end:], '\n'); i >= 0 {
		to = end + i + 1
	}
	if len(bytes.TrimSpace(text[from:start])) > 0 || len(bytes.TrimSpace(text[end:to])) > 0 {
		return start, end
	}
	if bytes.HasSuffix(text[:from], []byte("\n\n")) && (to == len(text) || text[to] == '\n') {
		from--
	}
	return from, to
}

// lineTail returns the end of the comments that follow offset end on its
// line, or end where something else follows.
func (f *workFile) lineTail(end int) int {
	text, tail := f.src.text, end
	for _, group := range f.syntax.Comments {
		for _, c := range group.List {
			at := f.offset(c.Pos())
			if at < tail || len(bytes.Trim(text[tail:at], " \t")) > 0 {
				continue
			}
			tail = at + len(c.Text)
		}
	}
	if rest, _, _ := bytes.Cut(text[tail:], []byte("\n")); len(bytes.TrimSpace(rest)) > 0 {
		return end
	}
	return tail
}

func (f *workFile) offset(pos token.Pos) int { return int(pos) - f.base }

// docStart returns where the doc comment of decl begins, or decl.
func docStart(decl ast.Decl) token.Pos {
	var doc *ast.CommentGroup
	switch d := decl.(type) {
	case *ast.GenDecl:
		doc = d.Doc
	case *ast.FuncDecl:
		doc = d.Doc
	}
	if doc == nil {
		return decl.Pos()
	}
	return doc.Pos()
}
