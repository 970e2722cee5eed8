/* What makes the pages pleasanter. Every page is whole without it, and nothing here writes markup. */
"use strict";

const each = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);

/* "/" goes to the search, through the menu where the screen is small. */
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

/* A form that came back says first what there is to correct. */
document.querySelector(".problems:not(.example *)")?.focus();

/* The browser writes a date in its own order; the words beside it leave no doubt. */
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const spell = (input) => {
  const [year, month, day] = input.value.split("-").map(Number);
  const output = input.parentElement.querySelector("output");
  if (output) output.value = year ? `${months[month - 1]} ${day}, ${year}` : "";
};
each(".spelled input", (input) => {
  spell(input);
  input.addEventListener("input", () => spell(input));
});

/* A file may be dropped anywhere while the page has one file field that can be seen. */
const fileField = () => {
  const seen = [...document.querySelectorAll("input[type=file]")].filter((field) => field.offsetParent && !field.disabled);
  return seen.length === 1 ? seen[0] : null;
};
const carriesFile = (event) => event.dataTransfer?.types.includes("Files") && fileField();
document.addEventListener("dragover", (event) => {
  if (!carriesFile(event)) return;
  event.preventDefault();
  document.body.classList.add("dropping");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.body.classList.remove("dropping");
});
document.addEventListener("drop", (event) => {
  document.body.classList.remove("dropping");
  if (!carriesFile(event)) return;
  event.preventDefault();
  const field = fileField();
  field.files = event.dataTransfer.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  field.focus();
});

/* A list follows what is typed or chosen: the page is asked for again, and its parts marked data-live change places.
   Without leave to connect, or when the answer is not a page, the form's own button still does it. */
const follow = (form) => {
  const address = new URL(form.action);
  address.search = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== "")).toString();
  const request = new XMLHttpRequest();
  request.open("GET", address);
  request.responseType = "document";
  request.addEventListener("load", () => {
    if (request.status !== 200 || !request.response || form.asked !== request) return;
    each("[data-live][id]", (part) => {
      const fresh = request.response.getElementById(part.id);
      if (fresh) part.replaceWith(document.adoptNode(fresh));
    });
    history.replaceState(null, "", address);
  });
  form.asked = request;
  request.send();
};
each("form.filters", (form) => {
  if (!document.querySelector("[data-live][id]")) return;
  let waiting;
  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(follow, event.target.type === "search" ? 250 : 0, form);
  });
});

/* A long job is looked at again while the page is in front. */
each("[data-refresh]", (task) => {
  const again = () => (document.hidden ? document.addEventListener("visibilitychange", again, { once: true }) : location.reload());
  setTimeout(again, Number(task.dataset.refresh) * 1000);
});

/* A double click sends a form once. After a while it may be sent again: the answer may have been a file to keep. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("method") !== "post") return;
  if (form.dataset.sent) return void event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 3000);
});

/* A dialog opens with the cursor in its first field. */
each("dialog[popover]", (dialog) => {
  dialog.addEventListener("toggle", (event) => {
    if (event.newState === "open") dialog.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  });
});

/* A question of the API is asked as a machine would: with the key, and without the session. */
each("form[data-asks]", (form) => form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = [...form.querySelectorAll("input")].filter((field) => field.value !== "");
  const [inPath, inQuery] = ["path", "query"].map((place) => given.filter((field) => field.dataset.place === place));
  const path = inPath.reduce((text, field) => text.replace(`{${field.name}}`, encodeURIComponent(field.value)), form.dataset.asks);
  const query = new URLSearchParams(inQuery.map((field) => [field.name, field.value])).toString();
  const shown = form.querySelector("pre");
  shown.hidden = false;
  try {
    const headers = { authorization: `Bearer ${document.getElementById("key").value.trim()}` };
    const answer = await fetch(path + (query && `?${query}`), { headers, credentials: "omit" });
    shown.textContent = `${answer.status} ${answer.statusText}\n${JSON.stringify(await answer.json(), null, 2)}`;
  } catch {
    shown.textContent = "No answer. Is the network there?";
  }
}));
