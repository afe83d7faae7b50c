// Says what a choice led to, and says so when the page has rested so long that it no longer answers.
window.cellLoaded = true;
window.voila_finish();

const kernel = JSON.parse(document.getElementById("jupyter-config-data").textContent).kernelId;
const announcement = document.getElementById("announcement");

new MutationObserver(() => {
  const heading = document.querySelector("#rendered_cells h2")?.textContent ?? "";
  if (announcement.textContent !== heading) announcement.textContent = heading;
}).observe(document.getElementById("rendered_cells"), { childList: true, subtree: true });

const look = async () => {
  const answer = await fetch(`${document.body.dataset.baseUrl}../api/kernels/${kernel}`).catch(() => null);
  document.getElementById("asleep").hidden = answer?.ok ?? false;
};
document.addEventListener("change", look);
document.addEventListener("visibilitychange", () => document.hidden || look());
