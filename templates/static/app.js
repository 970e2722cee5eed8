/* What makes the pages pleasanter. Every page is whole without it. */
"use strict";

/* "/" goes to the search. */
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  const search = document.getElementById("q");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey || !search) return;
  event.preventDefault();
  const menu = search.closest("[popover]");
  if (menu && !search.offsetParent) menu.showPopover();
  search.focus();
  search.select();
});
