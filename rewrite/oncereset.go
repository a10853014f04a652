package rewrite

func planOnceDoubleCheck(d *draft) *Refusal {
	return refuse(NoForm, d.v.Obj.Pos(), "%s is filled by a Once", d.v.Name())
}

func planFlag(d *draft) *Refusal {
	return refuse(NoForm, d.v.Obj.Pos(), "%s is guarded by a flag, and its initialisation cannot move into a Once", d.Singleton.Vars[0].Name())
}
