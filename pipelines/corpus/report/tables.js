"use strict";
for (const table of document.querySelectorAll("table.sorts")) {
  const heads = [...table.rows[0].cells];
  const value = (row, column) => {
    const shown = row.cells[column].textContent.trim();
    const number = Number(shown.replace(/[,%]/g, ""));
    return shown !== "" && !Number.isNaN(number) ? number : shown;
  };
  heads.forEach((head, column) => {
    head.tabIndex = 0;
    head.setAttribute("role", "button");
    const sort = () => {
      const down = head.dataset.order !== "down";
      heads.forEach((other) => delete other.dataset.order);
      head.dataset.order = down ? "down" : "up";
      const rows = [...table.rows].slice(1);
      rows.sort((one, other) => {
        const [a, b] = [value(one, column), value(other, column)];
        const order = typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? 1 : -1;
        return down ? -order : order;
      });
      rows.forEach((row) => row.parentNode.appendChild(row));
    };
    head.addEventListener("click", sort);
    head.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sort(); }
    });
  });
}
for (const search of document.querySelectorAll("input[type=search]")) {
  const table = document.getElementById(search.dataset.table);
  search.addEventListener("input", () => {
    const wanted = search.value.toLowerCase();
    [...table.rows].slice(1).forEach((row) => { row.hidden = !row.textContent.toLowerCase().includes(wanted); });
  });
}
