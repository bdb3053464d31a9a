// Every page works without this. It moves focus to the error summary, hides a secret behind a
// control, moves through the calendar by day and week, keeps a form from being sent twice, offers to copy a link, and
// warns before the session ends.
(() => {
  "use strict";
  const each = (selector, act) => document.querySelectorAll(selector).forEach(act);
  // A button with an address of its own sends a form that is not finished: it locks nothing, and nothing locks it.
  const isAside = (button) => button?.hasAttribute("formaction") ?? false;
  const live = (className) => {
    const region = document.createElement("p");
    region.className = className;
    region.setAttribute("role", "status");
    return region;
  };

  // The mark of a first cookie has done its work: an address that is kept or passed on goes without it.
  const here = new URL(location);
  if (here.searchParams.get("cookie") === "set") {
    here.searchParams.delete("cookie");
    history.replaceState(history.state, "", here);
  }

  document.getElementById("error-summary")?.focus();
  // A link to a field focuses it, not only scrolls to it.
  each("#error-summary a, .change a[href^='#']", (link) => link.addEventListener("click", (event) => {
    const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    const closed = field.closest("details:not([open])");
    if (closed) closed.open = true;
    field.focus();
    (field.closest(".field") ?? field).scrollIntoView();
  }));

  // What the arrows choose in a long list is seen: not every browser scrolls to it.
  addEventListener("change", ({ target }) => {
    if (target.type === "radio") target.closest("td, .choice")?.scrollIntoView({ block: "nearest" });
  });
  // In a calendar they go where they point: by days and, to the same day of the week, by weeks.
  each(".months", (months) => months.addEventListener("keydown", (event) => {
    const { target, key } = event;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[key] * 864e5;
    if (!by || target.type !== "radio" || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const away = (day) => (Date.parse(day.value) - Date.parse(target.value)) / by;
    const [next] = [...months.querySelectorAll("input")].filter((day) => away(day) > 0 && away(day) % 1 === 0)
      .sort((a, b) => away(a) - away(b));
    if (!next) return;
    next.closest("details").open = true;
    next.focus();
    next.click();
  }));

  each("[data-show]", (input) => {
    const words = input.dataset;
    const button = document.createElement("button");
    const status = live("hidden");
    const label = document.querySelector(`label[for="${input.id}"]`)?.textContent.trim() ?? "";
    button.type = "button";
    button.setAttribute("aria-controls", input.id);
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
    const hide = () => { draw(false); input.classList.remove("sending"); };
    addEventListener("pageshow", hide);
    input.form?.addEventListener("unlocked", hide);
    // Browsers offer to keep a password when it is sent as one. A switch of language says no more than that there is one.
    let stays = false;
    input.form?.addEventListener("submit", ({ submitter }) => {
      stays = isAside(submitter);
      input.type = "text";
      input.classList.add("sending");
    });
    input.form?.addEventListener("formdata", ({ formData }) => {
      if (stays && input.value.trim()) formData.set(input.name, "•");
    });
  });

  // The first press sends; later ones wait, for as long as an answer usually takes. Then the button can be pressed again:
  // whoever stopped the browser has sent nothing, and the server does nothing twice. Coming back by the browser's Back
  // makes the form fresh, too.
  const STILL = 8000;
  each("form[method=post]", (form) => {
    const waits = [...form.elements].find(({ dataset }) => dataset.still);
    const region = waits && live("working");
    waits?.after(region);
    const labels = new Map();
    let timer = 0;
    const unlock = () => {
      clearTimeout(timer);
      delete form.dataset.sent;
      labels.forEach((label, button) => {
        button.replaceChildren(...label);
        button.removeAttribute("aria-disabled");
      });
      labels.clear();
      form.dispatchEvent(new Event("unlocked"));
    };
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      if (isAside(event.submitter)) { if (!form.dataset.sent) timer = setTimeout(unlock, STILL); return; }
      if (form.dataset.sent) { event.preventDefault(); return; }
      clearTimeout(timer);
      form.dataset.sent = "yes";
      if (region) region.textContent = "";
      timer = setTimeout(() => { unlock(); if (region) region.textContent = waits.dataset.still; }, STILL);
      // Enter presses a button that nobody sees.
      const button = event.submitter?.closest(".trap") ? form.querySelector("button[data-busy]") : event.submitter;
      if (!button?.dataset.busy) return;
      labels.set(button, [...button.childNodes]);
      button.textContent = button.dataset.busy;
      button.setAttribute("aria-disabled", "true");
    });
    addEventListener("pageshow", () => { unlock(); if (region) region.textContent = ""; });
  });

  each("[data-print]", (button) => {
    button.hidden = false;
    button.addEventListener("click", () => print());
  });

  // A link can be copied or handed to another app only where the browser can do it.
  each("[data-copy]", (button) => {
    if (!navigator.clipboard) return;
    const words = button.dataset;
    const status = live("soft");
    button.hidden = false;
    button.after(status);
    button.addEventListener("click", async () => {
      status.textContent = "";
      status.textContent = await navigator.clipboard.writeText(words.copy).then(() => words.copied, () => words.failed);
    });
  });
  each("[data-share]", (button) => {
    if (!navigator.share) return;
    button.hidden = false;
    // It fails where the visitor closes what it opened.
    button.addEventListener("click", () => navigator.share({ title: document.title, url: button.dataset.share }).catch(() => {}));
  });

  // A page that waits looks for news by itself, and puts what has changed into its place: nothing flickers, and the
  // reader's place and focus stay. Where something else has come instead, it goes there.
  each("main[data-refresh]", (main) => {
    const heading = (of) => of.querySelector("h1").textContent;
    const look = async () => {
      const answer = await fetch(main.dataset.again, { redirect: "manual", headers: { "x-waiting": "1" } }).catch(() => null);
      if (answer?.type === "opaqueredirect") { location.replace(main.dataset.again); return; }
      const text = await answer?.text().catch(() => "") ?? "";
      const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("main");
      // Without one it is not ours: a proxy's, while the servers restart.
      if (fresh) {
        const [parts, news] = [main, fresh].map((one) => one.querySelectorAll("[data-news]"));
        if (heading(fresh) !== heading(main) || parts.length !== news.length) { location.replace(main.dataset.again); return; }
        news.forEach((part, n) => {
          if (part.innerHTML !== parts[n].innerHTML) parts[n].replaceChildren(...part.childNodes);
        });
      }
      wait(fresh ?? main);
    };
    const wait = ({ dataset }) => { if (dataset.refresh) setTimeout(look, dataset.refresh * 1000); };
    wait(main);
  });

  const dialog = document.getElementById("timeout");
  // Without it, time is told as to whoever has no script: on every page, and by the one that answers a late form.
  if (!dialog?.showModal) return;
  const WARN = 120;
  const left = document.getElementById("timeout-left");
  const spoken = document.getElementById("timeout-spoken");
  const [stay] = dialog.querySelectorAll("form");
  let end = 0;
  let told;
  const restart = () => { told = undefined; end = Date.now() + dialog.dataset.idle * 1000; };
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
    // Spoken once in each half minute only: a voice that counts seconds cannot be listened to.
    const half = Math.ceil(seconds / 30);
    if (half !== told) { spoken.textContent = text; told = half; }
  }, 1000);
})();
