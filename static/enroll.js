// Every page works without this. It moves focus to the error summary, hides a secret behind a
// control, keeps a form from being sent twice, and warns before the session ends.
(() => {
  "use strict";
  const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

  document.getElementById("error-summary")?.focus();
  // A link of the summary focuses its field, not only scrolls to it.
  each("#error-summary a", (link) => link.addEventListener("click", (event) => {
    const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    field.focus();
    (field.closest(".field") ?? field).scrollIntoView();
  }));

  each("[data-show]", (input) => {
    const words = input.dataset;
    const button = document.createElement("button");
    const status = document.createElement("span");
    const label = document.querySelector(`label[for="${input.id}"]`)?.textContent.trim() ?? "";
    button.type = "button";
    button.setAttribute("aria-controls", input.id);
    status.className = "hidden";
    status.setAttribute("role", "status");
    const draw = (shown) => {
      input.type = shown ? "text" : "password";
      button.textContent = shown ? words.hide : words.show;
      button.setAttribute("aria-label", `${button.textContent}: ${label}`);
    };
    button.addEventListener("click", () => {
      const shown = input.type === "password";
      draw(shown);
      status.textContent = shown ? words.shown : words.hidden;
    });
    input.after(button, status);
    addEventListener("pageshow", () => { draw(false); input.classList.remove("sending"); });
    // Browsers offer to keep a password when it is sent as one.
    input.form?.addEventListener("submit", () => { input.type = "text"; input.classList.add("sending"); });
  });

  // The first press sends; later ones wait. Coming back by the browser's Back makes the form fresh.
  each("form[method=post]", (form) => form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    const button = event.submitter;
    if (!button?.dataset.busy) return;
    button.dataset.label = button.textContent;
    button.textContent = button.dataset.busy;
    button.setAttribute("aria-disabled", "true");
  }));
  addEventListener("pageshow", () => each("form[data-sent]", (form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[data-label]").forEach((button) => {
      button.textContent = button.dataset.label;
      button.removeAttribute("aria-disabled");
    });
  }));

  const dialog = document.getElementById("timeout");
  if (!dialog) return;
  const WARN = 120;
  const left = document.getElementById("timeout-left");
  const spoken = document.getElementById("timeout-spoken");
  const [stay] = dialog.querySelectorAll("form");
  let end = 0;
  const restart = () => { end = Date.now() + dialog.dataset.idle * 1000; };
  const keep = async () => {
    const answer = await fetch(stay.action, { method: "POST", redirect: "manual" }).catch(() => null);
    if (answer?.type === "opaqueredirect") { location.assign(dialog.dataset.ended); return; }
    if (!answer?.ok) return; // the clock goes on, and the press can be repeated
    restart();
    dialog.close();
  };
  stay.addEventListener("submit", (event) => { event.preventDefault(); delete stay.dataset.sent; keep(); });
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); keep(); });
  restart();
  setInterval(() => {
    const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    if (seconds === 0) { location.assign(dialog.dataset.ended); return; }
    if (seconds > WARN) return;
    if (!dialog.open) dialog.showModal();
    const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    left.textContent = text;
    // Spoken now and then only: a voice that counts seconds cannot be listened to.
    if (seconds % 30 === 0) spoken.textContent = text;
  }, 1000);
})();
