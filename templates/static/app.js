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

/* A day is typed as people write it; the words beside it say what was understood. The server reads the same (web/days.py). */
const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const names = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
const monthOf = (word) => (word === "sept" ? 9 : (months.indexOf(word) + 1 || names.indexOf(word) + 1));
const yearOf = (text) => (text.length === 4 ? Number(text) : Number(text) + (Number(text) >= 70 ? 1900 : 2000));
const readDay = (typed) => {
  const text = typed.trim().toLowerCase().replace(/\s+/g, " ");
  const year = "(\\d{4}|\\d{2})";
  const found = (pattern) => text.match(new RegExp(`^${pattern}$`));
  let parts = found("(\\d{4})[-/.](\\d{1,2})[-/.](\\d{1,2})");
  let numbers = parts && [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  if (!numbers && (parts = found(`(\\d{1,2})[-/. ](\\d{1,2})[-/. ]${year}`))) numbers = [yearOf(parts[3]), Number(parts[1]), Number(parts[2])];
  if (!numbers && (parts = found(`([a-z]+)\\.? ?(\\d{1,2})(?:st|nd|rd|th)?,? ${year}`))) numbers = [yearOf(parts[3]), monthOf(parts[1]), Number(parts[2])];
  if (!numbers && (parts = found(`(\\d{1,2})(?:st|nd|rd|th)?(?: of)?[ -]([a-z]+)\\.?,?[ -]${year}`))) numbers = [yearOf(parts[3]), monthOf(parts[2]), Number(parts[1])];
  if (!numbers) return null;
  const day = new Date(Date.UTC(numbers[0], numbers[1] - 1, numbers[2]));
  return day.getUTCMonth() === numbers[1] - 1 && day.getUTCDate() === numbers[2] ? day : null;
};
const inWords = (day) => day.toLocaleDateString("en-US", { weekday: "long", month: "long", day: "numeric", year: "numeric", timeZone: "UTC" });
const spell = (input, left) => {
  const output = input.parentElement.querySelector("output");
  const day = readDay(input.value);
  output.value = day ? inWords(day) : input.value.trim() ? (left ? "Not a day yet; such as 8/31/2027" : "") : "such as 8/31/2027";
};
const offerCalendar = (input) => {
  const calendar = Object.assign(document.createElement("input"), { type: "date", tabIndex: -1, min: input.parentElement.dataset.min || "", max: input.parentElement.dataset.max || "" });
  const opener = Object.assign(document.createElement("button"), { type: "button", className: "button plain", textContent: "Calendar" });
  const [label] = input.labels;
  if (label) opener.setAttribute("aria-describedby", (label.id ||= `${input.id}-l`));
  calendar.setAttribute("aria-hidden", "true");
  calendar.className = "behind";
  opener.addEventListener("click", () => {
    calendar.value = readDay(input.value)?.toISOString().slice(0, 10) || "";
    calendar.showPicker();
  });
  calendar.addEventListener("change", () => {
    const day = readDay(calendar.value);
    input.value = day ? day.toLocaleDateString("en-US", { month: "short", day: "numeric", year: "numeric", timeZone: "UTC" }) : "";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.focus();
  });
  input.after(calendar, opener);
};
each(".spelled > input[name]", (input) => {
  if ("showPicker" in HTMLInputElement.prototype) offerCalendar(input);
  spell(input, true);
  input.addEventListener("input", () => spell(input, false));
  input.addEventListener("blur", () => spell(input, true));
});

/* What was typed outlives a lost network, a closed sheet and a wrong link: kept in this tab alone, until it was sent.
   Never passwords, files, codes, or what the page itself hides; gone with the tab, and with signing out. */
const whose = document.body.dataset.viewer || (location.pathname.startsWith("/renew/") ? "link" : "");
const here = location.pathname.replace(/^\/renew\/[^/]+/, "/renew");
const draftKey = (form) => `draft ${(form.getAttribute("action") || "").replace(/^\/renew\/[^/]+/, "/renew")} ${here}`;
const kept = (form) => [...form.elements].filter((field) => field.name && field.matches("input, select, textarea")
  && !field.matches("[type=hidden], [type=password], [type=file], [name^=kept_], [autocomplete=one-time-code], [data-secret]") && !field.disabled);
const stateOf = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked : field.value);
const drafts = (() => { try { return window.sessionStorage; } catch { return null; } })();
const saveDraft = (form) => {
  const state = kept(form).map((field) => [field.name, field.type === "radio" || field.type === "checkbox" ? field.value : "", stateOf(field)]);
  each("input[type=file]", (field) => { if (field.files.length) state.push([field.name, "", "", field.files[0].name]); }, form);
  try { drafts.setItem(draftKey(form), JSON.stringify(state)); } catch { /* full, or not allowed: the page works without */ }
};
const sayChosen = (field, file) => {
  if (!field || field.files.length) return;
  const note = Object.assign(document.createElement("span"), { className: "hint", textContent: `Choose ${file} again: a browser does not keep files.` });
  note.setAttribute("role", "status");
  field.before(note);
  field.addEventListener("change", () => note.remove(), { once: true });
};
const restoreDraft = (form, state) => {
  const fields = kept(form);
  for (const [name, value, given, file] of state) {
    if (file) sayChosen(form.elements[name], file);
    const field = fields.find((each) => each.name === name && (!value || each.value === value));
    if (!field) continue;
    if (typeof given === "boolean") field.checked = given;
    else field.value = given;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
};
const offerDraft = (form) => {
  const text = drafts.getItem(draftKey(form));
  if (!text) return;
  const state = JSON.parse(text);
  const fresh = JSON.stringify(kept(form).map((field) => [field.name, field.type === "radio" || field.type === "checkbox" ? field.value : "", stateOf(field)]));
  if (fresh === text) return;
  const bar = document.createElement("p");
  bar.className = "draft";
  bar.setAttribute("role", "status");
  const button = (words, act) => {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: words });
    made.addEventListener("click", () => { act(); bar.remove(); form.querySelector("input:not([type=hidden]), select, textarea")?.focus(); });
    return made;
  };
  bar.append("Something was typed here and not sent. ", button("Bring it back", () => restoreDraft(form, state)), " ",
    button("Forget it", () => drafts.removeItem(draftKey(form))));
  form.prepend(bar);
};
const sayLost = (form) => {
  const bar = form.querySelector(".draft.lost") || document.createElement("p");
  bar.className = "draft lost";
  bar.setAttribute("role", "alert");
  bar.textContent = "The network is gone. What you typed is kept here; send it again when the network is back.";
  form.prepend(bar);
  bar.scrollIntoView({ block: "nearest" });
};
const isWritten = (form) => form.getAttribute("method") === "post" && kept(form).some((field) => field.matches("textarea, select, input"))
  && !form.matches(".single") && !form.querySelector("[type=password], [autocomplete=one-time-code], [data-secret]");
const wasTaken = () => {
  const [arrival] = performance.getEntriesByType("navigation");
  return arrival?.type === "navigate" && !(arrival.responseStatus >= 400) && !document.querySelector(".problems");
};
if (drafts && whose && !location.pathname.startsWith("/account")) {
  if (drafts.getItem("whose") !== whose) drafts.clear();
  drafts.setItem("whose", whose);
  const sent = drafts.getItem("sent");
  if (sent && wasTaken()) drafts.removeItem(sent);
  drafts.removeItem("sent");
  each("form", (form) => {
    if (!isWritten(form)) return;
    if (!document.querySelector(".problems")) offerDraft(form);
    form.addEventListener("input", (event) => { if (event.isTrusted) saveDraft(form); });
    form.addEventListener("submit", (event) => {
      saveDraft(form);
      if (navigator.onLine || ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname)) return void drafts.setItem("sent", draftKey(form));
      event.preventDefault();
      event.stopPropagation();
      sayLost(form);
    });
  });
  each('form[action="/sign-out"]', (form) => form.addEventListener("submit", () => drafts.clear()));
}

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
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("dropping"); });
document.addEventListener("drop", (event) => {
  document.body.classList.remove("dropping");
  if (!carriesFile(event)) return;
  event.preventDefault();
  const field = fileField();
  field.files = event.dataTransfer.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  field.focus();
});

/* The parts of a page marked data-live change places with those of the same page asked for anew. Only the last question
   of one who asks is answered; when the answer is not that page, `lost` is called: with 0 if the network is gone. */
const askAnew = (asker, address, arrived, lost) => {
  const request = new XMLHttpRequest();
  request.open("GET", address);
  request.responseType = "document";
  request.addEventListener("loadend", () => {
    if (asker.asked !== request) return;
    const there = request.responseURL.split("?")[0] === String(address).split("?")[0];
    if (request.status !== 200 || !request.response || !there) return void lost(request.status);
    each("[data-live][id]", (part) => {
      const fresh = request.response.getElementById(part.id);
      if (fresh) part.replaceWith(document.adoptNode(fresh));
    });
    arrived();
  });
  asker.asked = request;
  request.send();
};

/* A list follows what is typed or chosen. Until the answer is there, rows whose name and number do not begin so are put away already; with the
   network gone that is all there is, and the page says so. The form's own button does it without any of this. */
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const fits = (row, words, places) => {
  const named = [...row.querySelectorAll("th .person, th .second")].map((each) => folded(each.textContent));
  const begins = named.flatMap((each) => [...each.split(/[^\p{L}\p{N}]+/u), each.replace(/[^\p{L}\p{N}]/gu, "")]);
  return words.every((word) => word.includes("@") || begins.some((each) => each.startsWith(word)))
    && places.every(([selector, place]) => row.querySelector(selector)?.textContent.includes(place) ?? true);
};
const foretell = (form) => {
  const words = folded(form.querySelector("[type=search]")?.value || "").split(/[\s,.'’-]+/).filter(Boolean);
  const chosen = [...form.querySelectorAll("select[data-narrows]")].filter((select) => select.value);
  const places = chosen.map((select) => [select.dataset.narrows, select.selectedOptions[0].textContent.trim()]);
  const rows = [...document.querySelectorAll("[data-live] tbody tr")];
  const left = rows.filter((row) => fits(row, words, places));
  rows.forEach((row) => { row.hidden = left.length > 0 && !left.includes(row); });
  each("[data-live]", (part) => part.setAttribute("aria-busy", "true"));
};
const follow = (form) => {
  const address = new URL(form.action);
  address.search = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== "")).toString();
  const over = () => document.querySelector(".draft.list")?.remove();
  foretell(form);
  askAnew(form, address, () => { over(); history.replaceState(null, "", address); }, (status) => {
    if (status) return void form.submit();  // the answer is shown as it is: to sign in again, or why not
    over();
    each("[data-live]", (part) => part.removeAttribute("aria-busy"));
    const bar = Object.assign(document.createElement("p"), { className: "draft list", textContent: "The network is gone. Of what this page had, these fit; the rest follows when the network is back." });
    bar.setAttribute("role", "status");
    form.after(bar);
    window.addEventListener("online", () => follow(form), { once: true });
  });
};
each("form.filters", (form) => {
  if (!document.querySelector("[data-live][id]")) return;
  let waiting;
  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    foretell(form);
    waiting = setTimeout(follow, event.target.type === "search" ? 250 : 0, form);
  });
});

/* What the catalog expects of a credential follows what is typed of it; the day is filled in by a press, never by itself. */
each("form[data-expects]", (form) => {
  const toldBy = form.dataset.toldBy.split(" ");
  let waiting;
  form.classList.add("foretold");
  const ask = () => {
    const address = new URL(form.dataset.expects, location.origin);
    toldBy.filter((name) => form.elements[name]?.value).forEach((name) => address.searchParams.set(name, form.elements[name].value));
    const issuer = form.elements.issuing_authority;
    const before = document.getElementById("by-the-rule")?.dataset.issuer;
    askAnew(form, address, () => {
      const now = document.getElementById("by-the-rule")?.dataset.issuer;
      if (issuer && now && (!issuer.value || issuer.value === before)) issuer.value = now;
    }, () => {});
  };
  form.addEventListener("input", (event) => {
    if (!toldBy.includes(event.target.name)) return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, event.target.matches("select") ? 0 : 300);
  });
});
document.addEventListener("click", (event) => {
  const taken = event.target.closest?.("[data-takes] button[data-day]");
  const input = taken && document.getElementById(taken.closest("[data-takes]").dataset.takes);
  if (!input) return;
  event.preventDefault();
  input.value = taken.dataset.day;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  saveDraft(input.form);
  input.focus();
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
