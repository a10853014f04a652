package race

// benchAll measures the fast paths, without the race detector.
func (s *session) benchAll(subs []*subject, res *Result) {
	for _, after := range []bool{false, true} {
		bin, err := s.buildSide(subs, after, false)
		if err != nil {
			return // not measured
		}
		for _, sub := range subs {
			if sub.failing != "" {
				continue // no call finds the value there
			}
			p := res.Proofs[sub.singleton]
			v := &p.Before
			if after {
				v = &p.After
			}
			s.say("measuring %s", sub.getter.fn.PlainName())
			v.readBench(s.test(bin, "-test.run=^$", "-test.bench=^Benchmark"+sub.name+"$", "-test.benchtime=100ms").out)
		}
	}
}
