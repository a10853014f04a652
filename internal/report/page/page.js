"use strict";
(() => {
	const byId = (id) => document.getElementById(id);
	const table = byId("singletons");
	if (!table) return; // nothing to sort or to filter
	const body = table.tBodies[0];
	const rows = [...body.rows];
	const entries = [...document.querySelectorAll("details.entry")];
	const filters = byId("filters");

	const filter = () => {
		const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
		const wanted = ["risk", "pattern", "fix"].map((name) => [name, byId(name).value]).filter(([, value]) => value);
		let shown = 0;
		for (const row of rows) {
			const text = row.textContent.toLowerCase();
			const match = words.every((word) => text.includes(word)) && wanted.every(([name, value]) => row.dataset[name] === value);
			row.hidden = !match;
			byId(row.dataset.entry).hidden = !match;
			if (match) shown++;
		}
		byId("matches").textContent = shown === rows.length ? rows.length + " shown" : shown + " of " + rows.length + " shown";
	};

	const key = (row, column) => row.cells[column].dataset.key ?? row.cells[column].textContent;

	// The order in which rows are equal stays that of the report: the worst first.
	const sort = (column, descending) => {
		const compare = (a, b) => key(a, column).localeCompare(key(b, column), "en", {numeric: true});
		body.append(...[...rows].sort((a, b) => (descending ? -1 : 1) * compare(a, b)));
	};

	for (const button of table.tHead.querySelectorAll("button")) {
		button.addEventListener("click", () => {
			const head = button.closest("th");
			const descending = head.ariaSort === "ascending";
			for (const th of table.tHead.querySelectorAll("th")) th.ariaSort = "none";
			head.ariaSort = descending ? "descending" : "ascending";
			sort(Number(button.dataset.column), descending);
		});
	}

	const openTarget = () => {
		const entry = location.hash && byId(location.hash.slice(1));
		if (entry && entry.tagName === "DETAILS") {
			entry.open = true;
			entry.scrollIntoView();
		}
	};
	const openAll = (open) => entries.forEach((entry) => { entry.open = open; });

	filters.hidden = false;
	document.querySelector(".tools").hidden = false;
	filters.addEventListener("input", filter);
	filters.addEventListener("submit", (event) => event.preventDefault());
	filters.addEventListener("reset", () => setTimeout(filter));
	byId("open").addEventListener("click", () => openAll(true));
	byId("close").addEventListener("click", () => openAll(false));
	addEventListener("hashchange", openTarget);
	let closed = [];
	addEventListener("beforeprint", () => {
		closed = entries.filter((entry) => !entry.open);
		openAll(true);
	});
	addEventListener("afterprint", () => closed.forEach((entry) => { entry.open = false; }));
	filter();
	openTarget();
})();
