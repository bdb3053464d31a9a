// Firefox and WebKitGTK, each driven by the commands of WebDriver: WebKitGTK by its driver, Firefox by Marionette, the
// interface behind geckodriver, which Debian has not. And so much of Playwright's page that `steps.mjs` and
// `states.mjs` walk there as they walk in Chromium.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Walk, sendButton } from "./lib.mjs";

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** What `look` finds, once it finds something. Long, since the machine of the gate runs the other tests beside these. */
export async function until(what, look, patience = 90_000) {
  for (const end = Date.now() + patience; Date.now() < end; await pause(40)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`waited in vain for ${what}`);
}

/** The commands, which each browser is asked in its way. One at a time. */
class Browser {
  started = [];
  last = Promise.resolve();

  ask(name, method, way, body = {}) {
    const answer = this.last.then(() => this.command(name, method, way, body));
    this.last = answer.catch(() => {});
    return answer;
  }
  open(url) { return this.ask("Navigate", "POST", "/url", { url }); }
  url() { return this.ask("GetCurrentURL", "GET", "/url"); }
  title() { return this.ask("GetTitle", "GET", "/title"); }
  back() { return this.ask("Back", "POST", "/back"); }
  reload() { return this.ask("Refresh", "POST", "/refresh"); }
  find(css) { return this.ask("FindElements", "POST", "/elements", { using: "css selector", value: css }); }
  /** Runs `what` in the page, where the page's own script is off, too. */
  run(what, ...args) {
    return this.ask("ExecuteScript", "POST", "/execute/sync", { script: `return (${what})(...arguments)`, args });
  }
  on(element, name, way, body) {
    const [id] = Object.values(element);
    return this.ask(name, "POST", `/element/${id}/${way}`, { id, ...body });
  }
  click(element) { return this.on(element, "ElementClick", "click"); }
  clear(element) { return this.on(element, "ElementClear", "clear"); }
  type(element, text) { return this.on(element, "ElementSendKeys", "value", { text }); }
  key(value) {
    const actions = [{ type: "keyDown", value }, { type: "keyUp", value }];
    return this.ask("PerformActions", "POST", "/actions", { actions: [{ type: "key", id: "keys", actions }] });
  }
  cookies() { return this.ask("GetCookies", "GET", "/cookie"); }
  forget() { return this.ask("DeleteAllCookies", "DELETE", "/cookie"); }
  addCookie(cookie) { return this.ask("AddCookie", "POST", "/cookie", { cookie }); }
  /** A picture of the whole page, at a width. */
  async whole(width) {
    const height = await this.run(() => document.documentElement.scrollHeight);
    await this.size(width, Math.min(height, 12_000));
    return Buffer.from(await this.ask("TakeScreenshot", "GET", "/screenshot", { full: false }), "base64");
  }

  /** A program of this browser, which ends with it. */
  start(program, args, options = {}) {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"], ...options });
    this.started.push(child);
    process.once("exit", () => child.kill());
    return child;
  }
  async close() {
    await this.end().catch(() => {});
    for (const child of this.started.reverse()) child.kill();
  }
}

export class Firefox extends Browser {
  constructor(program) {
    super();
    this.program = program;
  }

  async begin() {
    this.profile = fs.mkdtempSync(path.join(os.tmpdir(), "enroll-firefox-"));
    const wanted = { "marionette.port": 0, "ui.prefersReducedMotion": 1 };
    fs.writeFileSync(path.join(this.profile, "user.js"),
      Object.entries(wanted).map(([name, value]) => `user_pref("${name}", ${value});\n`).join(""));
    this.start(this.program, [
      "--marionette", "--remote-allow-system-access", "--headless", "--no-remote", "--width", "1400", "--height", "1000",
      "--profile", this.profile,
    ], { stdio: "ignore" });
    const file = path.join(this.profile, "MarionetteActivePort");
    const port = await until("Firefox", () => fs.existsSync(file) && (Number(fs.readFileSync(file, "utf8")) || undefined));
    this.answers = new Map();
    this.socket = net.connect(port, "127.0.0.1");
    this.socket.on("error", () => {});
    let read = Buffer.alloc(0);
    // A message is its length, a colon, and [type, number, error, result].
    this.socket.on("data", (data) => {
      read = Buffer.concat([read, data]);
      for (let colon; (colon = read.indexOf(":")) > 0;) {
        const end = colon + 1 + Number(read.subarray(0, colon));
        if (read.length < end) return;
        const message = JSON.parse(read.subarray(colon + 1, end));
        read = read.subarray(end);
        if (Array.isArray(message)) this.answers.get(message[1])?.(message);
      }
    });
    await this.ask("NewSession");
    return this;
  }

  command(name, _method, _way, body) {
    const number = this.answers.size;
    return new Promise((good, bad) => {
      this.answers.set(number, ([, , error, result]) => {
        if (error) bad(new Error(`${name}: ${error.error}: ${error.message}`));
        else good(result !== null && typeof result === "object" && "value" in result ? result.value : result);
      });
      const message = JSON.stringify([0, number, name.includes(":") ? name : `WebDriver:${name}`, body]);
      this.socket.write(`${Buffer.byteLength(message)}:${message}`);
    });
  }

  /** Runs `what` in the browser's own window. */
  async inside(what, ...args) {
    await this.ask("Marionette:SetContext", "", "", { value: "chrome" });
    try {
      return await this.run(what, ...args);
    } finally {
      await this.ask("Marionette:SetContext", "", "", { value: "content" });
    }
  }

  async size(width, height) {
    await this.inside((width, height) => {
      const browser = gBrowser.selectedBrowser;
      Object.assign(browser.style, { width: `${width}px`, height: `${height}px` });
      document.synchronouslyUpdateRemoteBrowserDimensions(true);
    }, width, height);
  }

  set(wanted) {
    return this.inside((wanted) => {
      const acts = {
        script: (on) => Services.prefs.setBoolPref("javascript.enabled", on),
        dark: (on) => Services.prefs.setIntPref("layout.css.prefers-color-scheme.content-override", on ? 0 : 1),
        still: (on) => Services.prefs.setIntPref("ui.prefersReducedMotion", on ? 1 : 0),
        forced: (on) => Services.prefs.setIntPref("browser.display.document_color_use", on ? 2 : 0),
        text: (size) => { gBrowser.selectedBrowser.browsingContext.textZoom = size; },
      };
      for (const [name, value] of Object.entries(wanted)) acts[name](value);
    }, wanted);
  }

  async print(file) {
    fs.writeFileSync(file, Buffer.from(await this.ask("Print"), "base64"));
  }

  async end() {
    this.socket?.destroy();
    const [child] = this.started;
    const ended = new Promise((done) => child.once("exit", done));
    child.kill();
    await ended;
    fs.rmSync(this.profile, { recursive: true, force: true });
  }
}

export class WebKit extends Browser {
  constructor(program) {
    super();
    this.program = program;
  }

  async begin() {
    // Longer than any page: a picture is of the whole window.
    const screen = this.start("Xvfb", ["-displayfd", "1", "-screen", "0", "1400x12000x24", "-nolisten", "tcp"]);
    const number = await new Promise((good, bad) => {
      screen.stdout.once("data", (said) => good(String(said).trim()));
      screen.once("error", bad);
    });
    const driver = net.createServer().listen(0, "127.0.0.1");
    await new Promise((done) => driver.once("listening", done));
    const { port } = driver.address();
    await new Promise((done) => driver.close(done));
    this.start(this.program, [`--port=${port}`], {
      stdio: "ignore",
      env: {
        ...process.env, DISPLAY: `:${number}`, GDK_BACKEND: "x11", NO_AT_BRIDGE: "1", LIBGL_ALWAYS_SOFTWARE: "1",
        // The gate may run as root, or in a container, where the sandbox cannot be made.
        WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
      },
    });
    this.base = `http://127.0.0.1:${port}`;
    const binary = { binary: "/usr/bin/python3", args: [fileURLToPath(new URL("webkit.py", import.meta.url))] };
    const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": binary } };
    const session = await until("WebKitGTK", () => this.command("", "POST", "", { capabilities }).catch((error) => {
      // Not there yet, or not at all.
      if (error.message.startsWith("fetch")) return undefined;
      throw error;
    }), 20_000);
    this.base += `/session/${session.sessionId}`;
    await this.set({ still: true });
    return this;
  }

  async command(_name, method, way, body) {
    const url = this.base + (this.base.includes("/session/") ? way : "/session");
    const answer = await fetch(url, { method, ...(method === "POST" && { body: JSON.stringify(body) }) });
    const { value } = await answer.json();
    if (value?.error) throw new Error(`${way}: ${value.error}: ${value.message}`);
    return value;
  }

  async size(width, height) {
    await this.ask("", "POST", "/window/rect", { width, height });
    await until(`a width of ${width}`, () => this.run((width) => innerWidth === width, width), 5000).catch(() => {});
  }

  set(wanted) {
    return this.run((wanted) => { webkit.messageHandlers.window.postMessage(wanted); }, JSON.stringify(wanted));
  }

  async print(file) {
    fs.rmSync(file, { force: true });
    await this.set({ print: file });
    await until("the printed page", () => fs.existsSync(file));
  }

  end() { return this.ask("", "DELETE", ""); }
}

/** Elements by selector, found anew for each thing that is done with them. */
class Locator {
  constructor(page, css, { which = 0, hasText } = {}) {
    Object.assign(this, { page, css, which, hasText });
  }
  first() { return new Locator(this.page, this.css, { ...this, which: 0 }); }
  last() { return new Locator(this.page, this.css, { ...this, which: -1 }); }
  async found() {
    const all = await this.page.browser.find(this.css);
    if (!this.hasText) return all;
    const texts = await Promise.all(all.map((one) => this.page.browser.run((element) => element.textContent, one)));
    return all.filter((_, n) => this.hasText.test(texts[n].trim()));
  }
  async count() { return (await this.found()).length; }
  async all() { return (await this.found()).map((_, which) => new Locator(this.page, this.css, { ...this, which })); }
  element() { return until(`${this.css} at ${this.page.url()}`, async () => (await this.found()).at(this.which), 20_000); }
  async evaluate(what) { return this.page.browser.run(what, await this.element()); }
  textContent() { return this.evaluate((element) => element.textContent); }
  inputValue() { return this.evaluate((element) => element.value); }
  isChecked() { return this.evaluate((element) => element.checked); }
  /** The element, where it can be reached: WebKitGTK's driver does not go there by itself. */
  async near() {
    const element = await this.element();
    await this.page.browser.run((element) => element.scrollIntoView({ block: "center" }), element);
    return element;
  }
  async click() { await this.page.browser.click(await this.near()); }
  async check() {
    if (!await this.isChecked()) await this.click();
    assert.ok(await this.isChecked(), `${this.css} cannot be chosen`);
  }
  async fill(text) {
    const element = await this.near();
    await this.page.browser.clear(element);
    if (text) await this.page.browser.type(element, text);
  }
}

/** What the tests use of a page of Playwright's. */
class Page {
  constructor(browser) {
    this.browser = browser;
    this.here = "about:blank";
  }
  url() { return this.here; }
  title() { return this.browser.title(); }
  evaluate(what, ...args) { return this.browser.run(what, ...args); }
  locator(css, more) { return new Locator(this, css, more); }
  fill(css, text) { return this.locator(css).fill(text); }
  check(css) { return this.locator(css).first().check(); }
  click(css) { return this.locator(css).first().click(); }
  async goto(url) {
    await this.browser.open(url);
    this.here = await this.browser.url();
  }
  setContent(html) { return this.browser.run((html) => { document.body.innerHTML = html; }, html); }
  /** Until another document is there than now. */
  async waitForEvent() {
    await this.browser.run(() => { document.documentElement.dataset.left = ""; });
    await until(`the page after ${this.here}`, () => this.browser
      .run(() => !("left" in document.documentElement.dataset) && document.readyState !== "loading" && document.body !== null)
      // Between two documents there is none.
      .catch(() => false));
    this.here = await this.browser.url();
  }
  /** Until its address is one that `wanted` knows, or ends so. */
  async waitForURL(wanted) {
    const fits = typeof wanted === "function" ? wanted : ({ pathname }) => pathname.endsWith(wanted.replace("**", ""));
    await until(String(wanted), async () => {
      this.here = await this.browser.url().catch(() => this.here);
      return fits(new URL(this.here));
    });
    await until(`${this.here} as a whole`, () => this.browser.run(() => document.readyState === "complete").catch(() => false));
  }
  async back() {
    const from = this.here;
    await this.browser.back();
    await this.waitForURL((url) => url.href !== from);
  }
}

/**
 * Requests that draw nothing, as the visitor whose browser it is: with its cookies, and with theirs in it from the next
 * page on.
 */
class Requests {
  cookies = new Map();
  ahead = false;

  constructor(page, site) {
    Object.assign(this, { page, site });
  }
  get(url) { return this.fetch(url, { method: "GET" }); }
  post(url, { form, headers }) { return this.fetch(url, { method: "POST", body: new URLSearchParams(form), headers }); }

  async fetch(url, { headers, ...request }) {
    if (!this.ahead && this.page.url().startsWith(this.site.base)) {
      this.cookies = new Map((await this.page.browser.cookies()).map((cookie) => [cookie.name, cookie]));
    }
    this.ahead = true;
    const cookie = [...this.cookies.values()].map(({ name, value }) => `${name}=${value}`).join("; ");
    const answer = await fetch(url, { ...request, headers: { ...headers, cookie }, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      if (/max-age=0/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, { name, value });
    }
    const next = answer.headers.get("location");
    if (next) {
      await answer.arrayBuffer();
      return this.fetch(new URL(next, url).href, { method: "GET" });
    }
    const text = await answer.text();
    return { text: async () => text, url: () => url };
  }

  /** Gives the browser the cookies. It takes them only on a page of theirs. */
  async hand() {
    if (!this.page.url().startsWith(this.site.base)) await this.page.goto(`${this.site.base}/static/none`);
    if (!this.ahead) return;
    await this.page.browser.forget();
    // WebKitGTK deletes them in its own time.
    await until("no cookies", async () => (await this.page.browser.cookies()).length === 0);
    for (const { name, value } of this.cookies.values()) {
      await this.page.browser.addCookie({ name, value, path: "/", httpOnly: true, sameSite: "Lax" });
    }
    this.ahead = false;
  }

  /** Without cookies again, and on no page: one that looks for news would bring the old ones back. */
  async forget() {
    this.cookies.clear();
    this.ahead = true;
    await this.page.goto(`${this.site.base}/static/none`);
    await this.hand();
  }
}

/** A visitor as `visitor` of `lib.mjs` gives one, in `browser`, which has one at a time. */
export async function visitorIn(browser, { lang = "en", width = 390, height = 844, site, javaScriptEnabled = true } = {}) {
  const page = new Page(browser);
  const request = new Requests(page, site);
  await browser.set({ script: javaScriptEnabled });
  await browser.size(width, height);
  await request.forget();
  const forget = () => request.forget();
  return {
    page, site, lang, browser, forget,
    context: { request, clearCookies: forget },
    at: () => new URL(page.url()).pathname,
    async go(to) {
      await request.hand();
      await page.goto(site.base + to);
    },
    async send(button) {
      const pressed = button ? page.locator(button) : sendButton(page);
      await Promise.all([page.waitForEvent("domcontentloaded"), pressed.click()]);
    },
    walk: (person = {}) => new Walk(request, site.base, lang, person),
  };
}
