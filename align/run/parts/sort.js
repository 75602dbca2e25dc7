for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const value = (row, k) => row.cells[k].dataset.value ?? row.cells[k].textContent;
  for (const [k, head] of heads.entries()) {
    head.querySelector("button").addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const numeric = !head.classList.contains("text");
      const rows = [...body.rows].map((row, at) => ({ row, at, value: value(row, k) }));
      // A number that is missing comes last, whichever way.
      const number = (one) => (one.value === "" ? (down ? -Infinity : Infinity) : Number(one.value));
      rows.sort((a, b) => {
        const order = numeric ? number(a) - number(b) || 0 : a.value.localeCompare(b.value);
        return (down ? -order : order) || a.at - b.at;
      });
      body.append(...rows.map((one) => one.row));
    });
  }
}
