package detect

var earlyPublish = &Pattern{
	Name:  "early-publish",
	Doc:   `value that others can see before it is complete`,
	match: matchEarlyPublish,
}

func matchEarlyPublish(q *question) []Note {
	if !q.atomic() || q.once != nil {
		return nil
	}
	return q.publishedEarly(q.site)
}
