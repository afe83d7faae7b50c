// Shows the page when there is something on it, says what a choice led to, and says when the page no longer answers.
const cells = document.getElementById("rendered_cells");
const announcement = document.getElementById("announcement");
const kernel = JSON.parse(document.getElementById("jupyter-config-data").textContent).kernelId;

const look = () => {
  if (cells.hidden && cells.querySelector(".kvalitet, [role=alert]")) {
    document.getElementById("loading").remove();
    cells.hidden = false;
  }
  const heading = cells.querySelector("h2")?.textContent ?? "";
  if (announcement.textContent !== heading) announcement.textContent = heading;
};
new MutationObserver(look).observe(cells, { childList: true, subtree: true });
look();

const ask = async () => {
  const answer = await fetch(`${document.body.dataset.baseUrl}../api/kernels/${kernel}`).catch(() => null);
  document.getElementById("asleep").hidden = answer?.ok ?? false;
};
document.addEventListener("change", ask);
document.addEventListener("visibilitychange", () => document.hidden || ask());
