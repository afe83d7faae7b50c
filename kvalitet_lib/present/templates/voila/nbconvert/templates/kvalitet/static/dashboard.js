// Shows the page when there is something on it, says what a choice led to, and says when the page no longer answers.
window.voila_heartbeat = window.voila_finish = () => {}; // Voilà calls these while it works and when its cells are done
if (location.search) history.replaceState(null, "", location.pathname); // the token has done its work: not into bookmarks or history

document.addEventListener("DOMContentLoaded", () => {
  const cells = document.getElementById("rendered_cells");
  const announcement = document.getElementById("announcement");
  const settings = document.getElementById("jupyter-config-data");
  const kernel = `${document.body.dataset.baseUrl}../api/kernels/${JSON.parse(settings.textContent).kernelId}`;

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
    const answer = await fetch(kernel).catch(() => null);
    document.getElementById("asleep").hidden = answer?.ok ?? false;
  };
  document.addEventListener("change", () => [0, 5000].forEach((wait) => setTimeout(ask, wait))); // the server notices an end late
  document.addEventListener("visibilitychange", () => document.hidden || ask());

  // A page that is left takes its kernel with it.
  window.addEventListener("pagehide", () => {
    const mine = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1] ?? "";
    fetch(kernel, { method: "DELETE", keepalive: true, headers: { "X-XSRFToken": mine } });
  });
  window.addEventListener("pageshow", (event) => event.persisted && ask());
});
