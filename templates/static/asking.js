/* A question of the API is asked as a machine would: with the key, and without the session. */
document.querySelectorAll("form[data-asks]").forEach((form) => form.addEventListener("submit", async (event) => {
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
