/* Arrow keys go through the matrix cell by cell. Without this module every cell is a link that Tab reaches. */
const CELLS = ".matrix.people tbody :is(td, th)";
const inner = (cell) => cell.querySelector("a") ?? cell;

/* One stop for Tab: the cell where one was last; the rest is reached by arrows. */
const stop = (table, link) => {
  if (table.getAttribute("role") !== "grid") table.setAttribute("role", "grid");
  table.querySelectorAll("tbody :is(td, th)").forEach((cell) => (inner(cell).tabIndex = inner(cell) === link ? 0 : -1));
};
const settle = () =>
  document.querySelectorAll(".matrix.people table:not([role=grid])").forEach((table) => stop(table, table.querySelector("tbody a")));

const beside = (cell, key, far) => {
  const row = cell.parentElement;
  const rows = [...row.parentElement.rows];
  const [x, y] = [cell.cellIndex, rows.indexOf(row)];
  const at = (column, line) => rows[line]?.cells[column];
  const last = row.cells.length - 1;
  switch (key) {
    case "ArrowRight": return at(x + 1, y);
    case "ArrowLeft": return at(x - 1, y);
    case "ArrowDown": return at(x, far ? rows.length - 1 : y + 1);
    case "ArrowUp": return at(x, far ? 0 : y - 1);
    case "PageDown": return at(x, Math.min(y + 10, rows.length - 1));
    case "PageUp": return at(x, Math.max(y - 10, 0));
    case "Home": return far ? at(0, 0) : at(0, y);
    case "End": return far ? at(last, rows.length - 1) : at(last, y);
    default: return undefined;
  }
};

document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.(CELLS);
  if (!cell || event.altKey || event.metaKey || event.shiftKey) return;
  const target = beside(cell, event.key, event.ctrlKey);
  if (!target) return;
  event.preventDefault();
  stop(cell.closest("table"), inner(target));
  inner(target).focus();
});
document.addEventListener("focusin", (event) => {
  const cell = event.target.closest?.(CELLS);
  if (cell) stop(cell.closest("table"), inner(cell));
});
new MutationObserver(settle).observe(document.getElementById("main"), { childList: true });
settle();
