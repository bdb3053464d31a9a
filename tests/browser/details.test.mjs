// What a page does beside being filled in: errors, focus, secrets, waits, time, print, weight.

import test from "node:test";
import assert from "node:assert/strict";
import path from "node:path";
import jsQR from "jsqr";
import { audit, focusFault, hiddenBySheet, hold, notePassage, picture } from "./audit.mjs";
import { unprinted } from "./engines.checks.mjs";
import { count, forward, pictures, sendButton, visitor, world } from "./lib.mjs";

/** At `stage` of the plain walk. */
async function at(stage, of = {}, options = {}) {
  const someone = await visitor(options);
  const walk = someone.walk(of);
  await walk[stage]();
  await someone.go(walk.path);
  return { ...someone, walk };
}

/** The browser's Back. A page that comes from the cache is not loaded again, which the driver would wait for. */
const back = (page) => page.goBack({ waitUntil: "commit" });

/** Holds back requests posted to `url` until the test releases them. */
async function held(page, url) {
  const posts = { count: 0 };
  const free = new Promise((done) => { posts.release = done; });
  await page.route(url, async (route) => {
    if (route.request().method() === "POST") {
      posts.count += 1;
      await free;
    }
    await route.continue();
  });
  return posts;
}

test("the error summary takes the focus, and its links lead into the fields", async () => {
  const someone = await at("address");
  const { page } = someone;
  await someone.send();
  assert.equal(await page.evaluate(() => document.activeElement.id), "error-summary");
  assert.equal(await page.locator("#error-summary [role=alert]").count(), 1);
  const links = page.locator("#error-summary a");
  const said = await links.allTextContents();
  assert.equal(said.length, 4);
  for (const [n, link] of (await links.all()).entries()) {
    const field = (await link.getAttribute("href")).slice(1);
    assert.ok((await page.locator(`#${field}-problem`).textContent()).includes(said[n]), "other words beside the field");
    assert.equal(await page.locator(`#${field}`).getAttribute("aria-invalid"), "true");
    await link.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), field);
  }
  await someone.close();
});

test("no browser bubbles and nothing is judged before it is sent", async () => {
  const someone = await at("address");
  const { page } = someone;
  assert.equal(await page.locator("form:not([novalidate])").count(), 0);
  await page.fill("#email", "jordan@");
  await page.locator("#phone").focus();
  await page.waitForTimeout(200);
  assert.equal(await page.locator(".problem").count(), 0);
  assert.equal(await page.locator("[required], [pattern], [placeholder], [disabled]").count(), 0);
  await someone.close();
});

test("the Social Security number is hidden behind a control, can be pasted, and never comes back", async () => {
  const someone = await at("billing", {}, { permissions: ["clipboard-read", "clipboard-write"] });
  const { page } = someone;
  const ssn = page.locator("#ssn");
  assert.equal(await ssn.getAttribute("type"), "password");
  const show = page.locator(".secret button").first();
  assert.equal(await show.getAttribute("aria-label"), "Show: Social Security number");
  await page.evaluate(() => navigator.clipboard.writeText("900-45-6789"));
  await ssn.focus();
  await page.keyboard.press("ControlOrMeta+v");
  assert.equal(await ssn.inputValue(), "900-45-6789");
  await show.press("Enter");
  assert.equal(await ssn.getAttribute("type"), "text");
  assert.equal(await show.getAttribute("aria-label"), "Hide: Social Security number");
  assert.equal(await page.locator(".secret [role=status]").first().textContent(), "Your number is shown");
  await show.press("Enter");
  assert.equal(await ssn.getAttribute("type"), "password");
  // Refused for the birth date: the number is gone, and the page says so.
  await someone.send();
  assert.ok(!(await someone.document()).html.includes("6789"));
  assert.ok((await page.locator("#ssn-hint").textContent()).includes("Enter it again"));
  await someone.close();
});

test("without script the number is a plain field", async () => {
  const someone = await at("billing", {}, { javaScriptEnabled: false });
  assert.equal(await someone.page.locator("#ssn").getAttribute("type"), "text");
  assert.equal(await someone.page.locator("#ssn").getAttribute("autocomplete"), "off");
  await someone.close();
});

test("pressing twice sends once, and the button says that it is being checked", async () => {
  const someone = await at("billing", { last: "Slow" });
  const { page } = someone;
  const before = await count(world.walked, "identity");
  await page.fill("#birth_date_month", "3");
  await page.fill("#birth_date_day", "28");
  await page.fill("#birth_date_year", "1985");
  await page.fill("#ssn", "900-45-6789");
  const posts = await held(page, "**/identity");
  const shown = await sendButton(page).evaluate((button) => {
    button.click();
    button.click();
    return [button.textContent, button.getAttribute("aria-disabled")];
  });
  assert.deepEqual(shown, ["Checking…", "true"]);
  posts.release();
  await page.waitForURL("**/start-date");
  assert.equal(posts.count, 1);
  assert.equal(await count(world.walked, "identity") - before, 1);
  // Back shows a fresh form, not one that can never be sent.
  await back(page);
  await page.waitForLoadState();
  if (someone.at() === "/identity") assert.equal(await sendButton(page).textContent(), "I authorize this, continue");
  await someone.close();
});

test("a long wait is said beforehand, and said again while it lasts", async () => {
  const someone = await at("billing");
  const { page } = someone;
  assert.ok((await page.locator(".wait").textContent()).includes("a few seconds"));
  const posts = await held(page, "**/identity");
  // While a form is under way nothing can be asked of the page: it notes down itself what it says.
  await page.evaluate(() => new MutationObserver(([change]) => sessionStorage.setItem("said", change.target.textContent))
    .observe(document.querySelector(".working"), { childList: true }));
  await sendButton(page).evaluate((button) => button.click());
  await new Promise((done) => setTimeout(done, 9000));
  posts.release();
  await page.locator("#error-summary").waitFor();
  assert.match(await page.evaluate(() => sessionStorage.getItem("said")), /^Still checking/);
  await someone.close();
});

/** A clock that only the test moves, so that a slow machine sees the same seconds as a fast one. */
async function stillClock(page) {
  await page.clock.install({ time: 0 });
  await page.clock.pauseAt(1000);
}

test("the time-out is warned of two minutes before and put off by one press, as often as wanted", async () => {
  const someone = await visitor({ site: world.clock });
  const { page } = someone;
  await stillClock(page);
  await someone.walk().address();
  await someone.go("/contact");
  const dialog = page.locator("#timeout");
  await page.clock.fastForward(27 * 60_000);
  assert.ok(!(await dialog.isVisible()), "warned too early");
  for (let n = 0; n < 10; n += 1) {
    await page.clock.runFor(n === 0 ? 61_000 : 28 * 60_000 + 1000);
    await dialog.waitFor({ state: "visible" });
    assert.ok(await dialog.evaluate((element) => element.contains(document.activeElement)), "the focus is outside");
    assert.match(await page.locator("#timeout-left").textContent(), /^(2:00|1:59)$/);
    const stayed = page.waitForResponse((response) => response.url().endsWith("/stay"));
    // By Escape and by the button.
    await page.keyboard.press(n % 2 === 0 ? "Escape" : "Enter");
    assert.equal((await stayed).status(), 204);
    await dialog.waitFor({ state: "hidden" });
  }
  // Nobody answers: the answers are deleted, and a page says so.
  await page.clock.runFor(28 * 60_000 + 1000);
  await dialog.waitFor({ state: "visible" });
  await page.clock.runFor(35_000);
  assert.match(await page.locator("#timeout-spoken").textContent(), /^1:30$/);
  await forward(world.clock, 31 * 60);
  await page.clock.runFor(90_000);
  await page.waitForURL("**/session-ended");
  assert.equal(await page.locator("h1").textContent(), "Your session has ended");
  await someone.close();
});

test("a browser without dialogs hides the warning, and tells the time as without script", async () => {
  const someone = await visitor({ site: world.clock });
  const { page } = someone;
  await page.addInitScript(() => { delete HTMLDialogElement.prototype.showModal; });
  await stillClock(page);
  await someone.walk().address();
  await someone.go("/contact");
  assert.ok(await page.evaluate(hiddenBySheet));
  await page.clock.fastForward(31 * 60_000);
  assert.equal(someone.at(), "/contact");
  assert.ok((await page.locator("footer").textContent()).includes("30 minutes"));
  await someone.close();
});

test("pages pass gently into each other, but not for whoever wants no motion", async () => {
  for (const reducedMotion of ["no-preference", "reduce"]) {
    const someone = await visitor({ reducedMotion });
    const { page } = someone;
    await someone.go("/help");
    await page.evaluate(notePassage);
    await page.locator(".foot-links a").first().click();
    await page.waitForURL("**/how-it-works");
    assert.equal(await page.evaluate(() => sessionStorage.getItem("gentle")), String(reducedMotion !== "reduce"));
    await someone.close();
  }
});

test("leaving from the warning deletes the answers", async () => {
  const someone = await visitor();
  const { page } = someone;
  await stillClock(page);
  await someone.walk().address();
  await someone.go("/contact");
  await page.clock.runFor(28 * 60_000 + 1000);
  await page.locator("#timeout").waitFor({ state: "visible" });
  await page.locator("#timeout .secondary").click();
  await page.waitForURL("**/session-ended?left=1*");
  await someone.go("/contact");
  assert.equal(someone.at(), "/");
  await someone.close();
});

test("without script the time is told on every page, and a late answer meets a page that explains", async () => {
  const someone = await visitor({ site: world.clock, javaScriptEnabled: false });
  const walk = someone.walk();
  await walk.address();
  await someone.go("/contact");
  assert.ok((await someone.page.locator("footer").textContent()).includes("30 minutes"));
  assert.ok(!(await someone.page.locator("#timeout").isVisible()));
  await forward(world.clock, 31 * 60);
  await someone.page.fill("#first_name", "Jordan");
  await someone.send();
  assert.equal(someone.at(), "/session-ended");
  assert.equal(await someone.page.locator("h1").textContent(), "Your session has ended");
  await someone.close();
});

test("a session that was put aside at its time-out goes on with the date of birth", async () => {
  for (const lang of ["en", "es"]) {
    const someone = await visitor({ site: world.clock, lang });
    const { page } = someone;
    const walk = someone.walk();
    await walk.identity();
    await someone.go(walk.path);
    await forward(world.clock, 31 * 60);
    await someone.go("/start-date");
    assert.equal(someone.at(), "/session-ended");
    await picture(someone, "timed-out", [1280, 390]);
    hold(await audit(someone, "timed-out"));
    await someone.send();
    hold(await audit(someone, "timed-out-wrong"));
    await page.fill("#birth_date_month", "3");
    await page.fill("#birth_date_day", "28");
    await page.fill("#birth_date_year", "1985");
    await someone.send();
    assert.equal(someone.at(), "/start-date");
    await someone.close();
  }
});

test("what was typed survives a switch of language, in the middle of a refused form too", async () => {
  const someone = await at("address");
  const { page } = someone;
  await page.fill("#first_name", "José");
  await page.fill("#email", "jose@");
  await someone.send();
  await page.locator(".language").click();
  await page.waitForURL("**/contact?lang=es");
  assert.equal(await page.locator("html").getAttribute("lang"), "es");
  assert.equal(await page.locator("#first_name").inputValue(), "José");
  assert.equal(await page.locator("#email").inputValue(), "jose@");
  assert.equal(await page.locator(".language").getAttribute("lang"), "en");
  await page.locator(".language").click();
  await page.waitForURL("**/contact?lang=en");
  assert.equal(await page.locator("#first_name").inputValue(), "José");
  await someone.close();
});

const entered = async (javaScriptEnabled) => {
  const someone = await at("address", {}, { javaScriptEnabled });
  const { page } = someone;
  await page.fill("#first_name", "Jordan");
  await page.fill("#last_name", "Samplecase");
  await page.fill("#email", "jordan.samplecase@example.com");
  await page.fill("#phone", "713-555-0142");
  const sent = page.waitForRequest((request) => request.method() === "POST");
  await page.locator("#phone").press("Enter");
  assert.equal(new URL((await sent).url()).pathname, "/contact");
  await page.waitForURL("**/identity");
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await someone.close();
};
test("Enter sends the answers and not the switch of language, with script", () => entered(true));
test("Enter sends the answers and not the switch of language, without script", () => entered(false));

const switched = async (javaScriptEnabled) => {
  const someone = await at("address", {}, { javaScriptEnabled });
  const { page } = someone;
  await page.fill("#first_name", "José");
  await page.fill("#phone", "713-555");
  await page.check("#marketing_phone");
  await page.locator(".language").click();
  await page.waitForURL("**/contact?lang=es");
  assert.equal(await page.locator("#error-summary").count(), 0);
  assert.equal(await page.locator("#first_name").inputValue(), "José");
  assert.equal(await page.locator("#phone").inputValue(), "713-555");
  assert.ok(await page.locator("#marketing_phone").isChecked());
  await page.fill("#last_name", "Samplecase");
  await page.fill("#email", "jordan.samplecase@example.com");
  await page.fill("#phone", "713-555-0142");
  await someone.send();

  await page.fill("#birth_date_month", "3");
  await page.fill("#ssn", "900-45-6789");
  const sent = page.waitForRequest((request) => request.method() === "POST");
  await page.locator(".language").click();
  const request = await sent;
  assert.equal(new URL(request.url()).pathname, "/language/identity");
  // Without script only the server can drop it.
  assert.equal(request.postData().includes("6789"), !javaScriptEnabled);
  await page.waitForURL("**/identity?lang=en");
  assert.equal(await page.locator("#birth_date_month").inputValue(), "3");
  assert.equal(await page.locator("#ssn").inputValue(), "");
  assert.match(await page.locator("#ssn-hint").textContent(), /keep this number/);
  await page.fill("#birth_date_day", "28");
  await page.fill("#birth_date_year", "1985");
  await page.fill("#ssn", "900-45-6789");
  await someone.send();
  assert.equal(someone.at(), "/start-date");
  await someone.close();
};
test("what was typed and not sent survives a switch of language, but no number, with script", () => switched(true));
test("what was typed and not sent survives a switch of language, but no number, without script", () => switched(false));

test("a switch of language that does not come keeps no answer from being sent", async () => {
  const someone = await at("address");
  const { page } = someone;
  await page.fill("#first_name", "Jordan");
  await page.fill("#last_name", "Samplecase");
  await page.fill("#email", "jordan.samplecase@example.com");
  await page.fill("#phone", "713-555-0142");
  let switches = 0;
  // As by a browser that was stopped: the page stays.
  await page.route("**/language/contact*", async (route) => { switches += 1; await route.abort("aborted"); });
  await page.locator(".language").click({ noWaitAfter: true });
  while (switches === 0) await page.waitForTimeout(50);
  await someone.send();
  await page.waitForURL("**/identity");
  await someone.close();
});

test("what is chosen on the check page stays while an answer is changed, without script too", async () => {
  for (const javaScriptEnabled of [true, false]) {
    const someone = await at("startDate", {}, { javaScriptEnabled });
    const { page } = someone;
    await page.locator("[name=paperless]").nth(1).check();
    await page.check("#records");
    await page.locator("main .row details summary").click();
    assert.ok(await page.getByText("March 28, 1985").isVisible());
    await page.locator(".change button", { hasText: "Email" }).click();
    await page.waitForURL("**/contact");
    await page.check("#marketing_phone");
    await someone.send();
    assert.equal(someone.at(), "/review");
    assert.ok(await page.locator("[name=paperless]").nth(1).isChecked());
    assert.ok(await page.locator("#records").isChecked());
    assert.ok(!await page.locator("#documents").isChecked());
    await someone.close();
  }
});

test("the browser's Back shows what was answered, and after submitting it sends nothing again", async () => {
  const someone = await at("startDate");
  const { page } = someone;
  await someone.go("/contact");
  assert.equal(await page.locator("#first_name").inputValue(), "Jordan");
  await back(page);
  assert.equal(someone.at(), "/review");
  await page.check("[name=paperless] >> nth=0");
  for (const box of ["#documents", "#affirmation", "#records"]) await page.check(box);
  const before = await count(world.walked, "enroll");
  await someone.send();
  await page.waitForURL("**/confirmation", { timeout: 30_000 });
  await back(page);
  await page.waitForLoadState();
  assert.equal(someone.at(), "/confirmation");
  await page.reload();
  assert.equal(someone.at(), "/confirmation");
  assert.equal(await count(world.walked, "enroll") - before, 1);
  await someone.close();
});

test("what is corrected after the browser's Back counts, and what is not corrected leads on", async () => {
  const someone = await at("address");
  const { page } = someone;
  const name = async (first) => {
    await page.fill("#first_name", first);
    await someone.send();
    assert.equal(someone.at(), "/identity");
  };
  await page.fill("#last_name", "Samplecase");
  await page.fill("#email", "jordan.samplecase@example.com");
  await page.fill("#phone", "713-555-0142");
  await name("Jordan");
  await back(page);
  assert.equal(someone.at(), "/contact");
  await name("Robin");
  await back(page);
  await someone.send();
  assert.equal(someone.at(), "/identity");
  await someone.go("/contact");
  assert.equal(await page.locator("#first_name").inputValue(), "Robin");
  await someone.close();
});

test("an image and a frame of another page begin nothing", async () => {
  const someone = await visitor();
  const { page } = someone;
  const link = (kind) => `${someone.site.base}/?zip=77999&type=MVI&brand=RE&cid=${kind}`;
  const before = await count(world.walked, "tdsp");
  // A page of another origin, on this machine as well: from elsewhere the browser asks nothing of it.
  await page.goto(`${someone.site.control}/count/tdsp`);
  // The browser shows neither, which may be all that it says of them.
  const over = (kind) => Promise.any(["requestfinished", "requestfailed"].map((event) =>
    page.waitForEvent(event, (request) => request.url() === link(kind))));
  const asked = ["image", "frame"].map(over);
  await page.setContent(`<img src="${link("image")}" alt=""><iframe src="${link("frame")}"></iframe>`);
  await Promise.all(asked);
  assert.deepEqual(await someone.context.cookies(), []);
  assert.equal(await count(world.walked, "tdsp"), before);
  await someone.context.close();
});

test("a printed confirmation is a record: site, address, date, reference, and no more of the number than its end", async () => {
  const someone = await at("enrolled");
  const { page } = someone;
  await page.emulateMedia({ media: "print" });
  const seen = await page.evaluate(() => document.body.innerText);
  for (const part of ["Demo Affiliate", "http://127.0.0.1", "June 18, 2030", someone.walk.person.first, "Reference", "Account number"]) {
    assert.ok(seen.includes(part), `${part} is not printed`);
  }
  assert.ok(!seen.includes("900-45") && !seen.includes("900456789"));
  for (const unseen of [".language", "footer nav", "main .button", ".skip"]) {
    assert.ok(!(await page.locator(unseen).first().isVisible()), `${unseen} is printed`);
  }
  await someone.go("/confirmation");
  await page.emulateMedia({ media: "screen" });
  await page.locator("main:not([data-refresh])").waitFor();
  await page.emulateMedia({ media: null });
  const file = path.join(pictures, "confirmation.Chromium.pdf");
  await page.pdf({ path: file });
  hold(await unprinted(page, file));
  await page.evaluate(() => { globalThis.print = () => { globalThis.printed = true; }; });
  await page.locator("[data-print]").click();
  assert.ok(await page.evaluate(() => globalThis.printed));
  await someone.close();
});

test("what has the focus is seen and never covered, the bar that lies over the list of plans included", async () => {
  const wrong = [];
  for (const width of [320, 1280]) {
    const someone = await visitor({ width, height: 600 });
    const { page } = someone;
    await someone.walk().zip();
    await someone.go("/plans?compare=RE-51010101");
    assert.ok(await page.locator(".compare-bar").isVisible());
    for (let n = 0; n < 80; n += 1) {
      await page.keyboard.press("Tab");
      const fault = await page.evaluate(focusFault);
      if (fault) wrong.push(`at ${width} px: ${fault}`);
    }
    await someone.close();
  }
  hold(wrong);
});

test("the first visit is within 14 kB on the wire, holds still, and asks no other host", async () => {
  const someone = await visitor();
  const { page } = someone;
  const sizes = [];
  page.on("requestfinished", async (request) => {
    const { responseBodySize } = await request.sizes();
    sizes.push([new URL(request.url()).pathname, responseBodySize]);
  });
  await page.addInitScript(() => {
    globalThis.seen = { shift: 0, paint: 0 };
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { globalThis.seen.shift += entry.hadRecentInput ? 0 : entry.value; }))
      .observe({ type: "layout-shift", buffered: true });
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { globalThis.seen.paint = entry.startTime; }))
      .observe({ type: "largest-contentful-paint", buffered: true });
  });
  await someone.go("/");
  await page.waitForTimeout(500);
  const counted = sizes.filter(([path]) => !path.includes("favicon"));
  const all = counted.reduce((sum, [, size]) => sum + size, 0);
  const { shift, paint } = await page.evaluate(() => globalThis.seen);
  console.log(`first visit: ${all} bytes (${counted.map(([path, size]) => `${path} ${size}`).join(", ")}), layout shift ${shift}, largest paint after ${Math.round(paint)} ms`);
  assert.equal(counted.length, 3);
  assert.ok(all > 0 && all <= 14_000, `${all} bytes`);
  assert.ok(shift <= 0.1, `layout shift ${shift}`);
  await someone.close();
});

/** Saved for later from the page after identity. */
async function saved(options = {}) {
  const someone = await at("identity", {}, options);
  await someone.send("form[action='/later'] button");
  const link = await someone.page.locator(".saved a").getAttribute("href");
  return { ...someone, link };
}

/** The text of the QR code on `page` as it is seen, by a reader that takes dark on light only. `undefined`: none is seen. */
async function scan(page) {
  const png = await page.screenshot();
  const { data, width, height } = await page.evaluate(async (bytes) => {
    const image = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    const { data, width, height } = canvas.getImageData(0, 0, image.width, image.height);
    return { data: [...data], width, height };
  }, [...png]);
  return jsQR(Uint8ClampedArray.from(data), width, height, { inversionAttempts: "dontInvert" })?.data;
}

test("the link of what was saved is copied by one press, and the page says so politely", async () => {
  const someone = await saved({ permissions: ["clipboard-read", "clipboard-write"] });
  const { page, link } = someone;
  const status = page.locator("[data-copy] + [role=status]");
  assert.equal(await status.textContent(), "");
  await page.getByRole("button", { name: "Copy the link" }).press("Enter");
  await status.filter({ hasText: /^Copied$/ }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link);
  await page.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new Error("denied")); });
  await page.getByRole("button", { name: "Copy the link" }).click();
  await status.filter({ hasText: /^It couldn’t be copied/ }).waitFor();
  await someone.close();
});

test("the link of what was saved is handed to another app where the browser can", async () => {
  const without = await saved();
  assert.ok(!(await without.page.getByRole("button", { name: "Send it to myself" }).isVisible()));
  await without.close();
  const someone = await at("identity");
  const { page } = someone;
  await page.addInitScript(() => {
    navigator.share = (what) => { globalThis.shared = what; return Promise.reject(new DOMException("closed", "AbortError")); };
  });
  await someone.send("form[action='/later'] button");
  await page.getByRole("button", { name: "Send it to myself" }).click();
  const { url, title } = await page.evaluate(() => globalThis.shared);
  assert.equal(url, await page.locator(".saved a").getAttribute("href"));
  assert.equal(title, await page.title());
  await someone.close();
});

test("without script the page of what was saved has the link, and host, path and code to type", async () => {
  const someone = await saved({ javaScriptEnabled: false });
  const { page, link } = someone;
  for (const button of ["Copy the link", "Send it to myself"]) {
    assert.ok(!(await page.getByRole("button", { name: button }).isVisible()), button);
  }
  const [address, code] = await page.locator(".typed dd").allTextContents();
  assert.equal(`http://${address}`, link.split("?")[0]);
  assert.ok(address.endsWith("/resume"));
  assert.match(code, /^[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){2}$/);
  assert.ok(link.includes(`?code=${code}&`));
  await someone.go("/resume");
  const field = page.locator("#code");
  const wanted = { autocomplete: "off", autocapitalize: "characters", autocorrect: "off", spellcheck: "false", inputmode: "text" };
  for (const [name, value] of Object.entries(wanted)) assert.equal(await field.getAttribute(name), value, name);
  await field.fill(code.toLowerCase().replaceAll("-", " "));
  await someone.send();
  await page.locator("#birth_date_month").waitFor();
  await someone.close();
});

test("the QR code leads to the link in light and in dark, and only wide screens show it", async () => {
  const someone = await saved({ width: 1280 });
  const { page, link } = someone;
  assert.ok((await page.locator(".qr").textContent()).includes("Finish on your phone"));
  assert.equal(await page.getByRole("img", { name: "QR code of the link" }).count(), 1);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.locator(".qr").scrollIntoViewIfNeeded();
    assert.equal(await scan(page), link, colorScheme);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  assert.ok(!(await page.locator(".qr").isVisible()));
  // On the phone it asks what it has to.
  await someone.go(link.slice(link.indexOf("/resume")));
  await page.locator("#birth_date_month").waitFor();
  await someone.close();
});

test("plans can be filtered, ordered, estimated, turned over and compared without script", async () => {
  const someone = await visitor({ javaScriptEnabled: false, width: 1280 });
  const { page } = someone;
  await someone.walk({ zip: "77988" }).zip();
  await someone.go("/plans");
  assert.match(await page.locator(".count").textContent(), /^2\d\d plans$/);
  assert.equal(await page.locator(".plan").count(), 20);
  const apply = () => Promise.all([page.waitForEvent("domcontentloaded"), page.getByRole("button", { name: "Show plans" }).click()]);
  await page.selectOption("#home", "1500");
  await page.locator("summary", { hasText: "Exact use, filters" }).click();
  await page.selectOption("#kind", "fixed");
  await apply();
  assert.match(page.url(), /home=1500.*kind=fixed|kind=fixed.*home=1500/);
  const costs = await page.locator(".price b").allTextContents();
  assert.equal(costs.length, 20);
  const dollars = costs.map((cost) => Number(cost.replace(/[$,]/g, "")));
  assert.deepEqual(dollars, [...dollars].sort((a, b) => a - b), "from low to high");
  // One ticked here, one on the next page; both are compared.
  await page.locator(".tick input").first().check();
  await Promise.all([page.waitForEvent("domcontentloaded"), page.getByRole("button", { name: "More plans" }).click()]);
  assert.match(page.url(), /page=2/);
  await page.locator(".tick input").first().check();
  await Promise.all([page.waitForEvent("domcontentloaded"), page.getByRole("button", { name: "Compare side by side" }).click()]);
  assert.equal(someone.at(), "/plans/compare");
  assert.equal(await page.locator("thead th").count(), 2);
  await page.locator(".compare form .button").first().click();
  await page.waitForURL("**/address");
  await someone.close();
});

test("on a phone the first price is on the first screen, and the first plan can be chosen soon after", async () => {
  for (const lang of ["en", "es"]) {
    const someone = await visitor({ lang });
    const { page } = someone;
    await someone.walk().zip();
    await someone.go("/plans");
    const end = (selector) => page.locator(selector).first().evaluate((element) => element.getBoundingClientRect().bottom + scrollY);
    const [price, spread, button] = await Promise.all([".plan .price b", ".plan .spread", ".plan form .button"].map(end));
    assert.ok(price <= 844 && spread <= 844, `${lang}: the price ends at ${price}, how far it varies at ${spread}`);
    assert.ok(button <= 1100, `${lang}: the button ends at ${button}`);
    // Use and order are beside each other, on the smallest phone too, and what sends them is not folded away.
    for (const width of [390, 320]) {
      await page.setViewportSize({ width, height: 844 });
      const [home, sort] = await Promise.all(["#home", "#sort"].map((id) => page.locator(id).boundingBox()));
      assert.ok(home.y === sort.y && home.x < sort.x, `${lang}, ${width}`);
      assert.ok(await page.locator(".filters > .button").isVisible());
      assert.ok(!(await page.locator("#brand").isVisible()));
    }
    await someone.close();
  }
});

test("a typed use stays in sight beside folded filters, which say how many are set", async () => {
  const someone = await visitor({ javaScriptEnabled: false });
  const { page } = someone;
  await someone.walk().zip();
  await someone.go("/plans?usage=1,350&kind=fixed&green=yes");
  assert.equal(await page.locator("#usage").inputValue(), "1,350");
  assert.ok(await page.locator("#usage").isVisible());
  assert.ok(!(await page.locator("#kind").isVisible()));
  assert.equal(await page.locator(".filters summary").textContent(), "Filters (2 set)");
  assert.equal(await page.locator("#sort option:checked").textContent(), "Your estimated cost");
  await page.fill("#usage", "");
  await Promise.all([page.waitForEvent("domcontentloaded"), page.getByRole("button", { name: "Show plans" }).click()]);
  assert.equal(await page.locator("#sort option:checked").textContent(), "Average price");
  assert.equal(await page.locator(".filters summary").textContent(), "Exact use, filters (2 set)");
  await someone.close();
});

test("a filter that leaves nothing says which one to take away", async () => {
  const someone = await visitor();
  await someone.walk().zip();
  await someone.go("/plans?kind=indexed&green=yes");
  const { page } = someone;
  assert.equal(await page.locator(".count[role=status]").textContent(), "0 plans");
  await page.getByRole("link", { name: /Without the filter “100% renewable only”/ }).click();
  await page.waitForURL((url) => url.search === "?kind=indexed");
  assert.ok(await page.locator(".plan").count() > 0);
  await someone.close();
});

test("a long list of homes is narrowed without script, and one of it is taken", async () => {
  const someone = await visitor({ javaScriptEnabled: false });
  const { page } = someone;
  await someone.walk({ number: "320" }).address();
  await someone.go("/ask");
  assert.equal(await page.locator("[name=choice]").count(), 48);
  await page.fill("#contains", "4");
  await Promise.all([page.waitForEvent("domcontentloaded"), page.locator(".filter button").click()]);
  assert.equal(await page.locator("main [role=status]").textContent(), "13 of 48 homes are shown Show all homes");
  await page.getByLabel(/ 41$/).check();
  await someone.send();
  assert.equal(someone.at(), "/contact");
  assert.ok((await page.locator(".order").textContent()).includes("41"));
  await someone.close();
});

test("a day is picked in the calendar or typed, and one that is not offered is answered with the nearest", async () => {
  for (const javaScriptEnabled of [true, false]) {
    const someone = await at("identity", {}, { javaScriptEnabled });
    const { page } = someone;
    assert.equal(await page.locator("table.calendar th").count() % 7, 0);
    await page.fill("#typed", "July 4");
    await someone.send();
    const said = await page.locator("#typed-problem").textContent();
    assert.match(said, /Thursday, July 4, 2030 isn’t available. The closest day is Wednesday, July 3, 2030/);
    await page.fill("#typed", "July 3");
    await someone.send();
    assert.equal(someone.at(), "/review");
    assert.ok((await page.locator("main").textContent()).includes("Wednesday, July 3, 2030"));
    await someone.go("/start-date");
    const picked = page.locator("[name=date]:checked");
    assert.equal(await picked.inputValue(), "2030-07-03");
    await someone.close();
  }
});

test("the first day is taken by one press, whatever is picked or typed, and Enter in a field never takes it", async () => {
  for (const javaScriptEnabled of [true, false]) {
    const someone = await at("identity", {}, { javaScriptEnabled });
    const { page } = someone;
    const days = page.locator(".calendar [name=date]");
    const first = await days.first().inputValue();
    await page.fill("#typed", "July 40");
    await Promise.all([page.waitForEvent("domcontentloaded"), page.locator("#typed").press("Enter")]);
    assert.equal(someone.at(), "/start-date");
    assert.ok(await page.locator("#typed-problem").isVisible());
    await days.nth(2).check({ force: true });
    await Promise.all([page.waitForEvent("domcontentloaded"), page.getByRole("button", { name: /^As soon as possible: \w+day, \w+ \d+$/ }).click()]);
    assert.equal(someone.at(), "/review");
    await someone.go("/start-date");
    assert.equal(await page.locator(".calendar :checked").inputValue(), first);
    // What sends a picked day is on the screen with it.
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 700 });
      await days.nth(3).scrollIntoViewIfNeeded();
      await days.nth(3).check({ force: true });
      const { y, height } = await page.locator(".send .button").boundingBox();
      assert.ok(y > 0 && y + height <= 700, `${width}: ${y}`);
    }
    await someone.close();
  }
});

test("in the calendar the arrows go by days and by weeks, into a month that is folded, too", async () => {
  const someone = await at("identity");
  const { page } = someone;
  const days = await page.locator(".calendar [name=date]").evaluateAll((all) => all.map((day) => day.value));
  await page.locator(".calendar [name=date]").first().focus();
  await page.keyboard.press("Space");
  const week = (iso, by) => new Date(Date.parse(iso) + by * 7 * 864e5).toISOString().slice(0, 10);
  /** After a key: the day that is chosen, has the focus, and is seen. */
  const after = async (key) => {
    await page.keyboard.press(key);
    const fault = await page.evaluate(focusFault);
    assert.equal(fault, "", key);
    const focused = await page.evaluate(() => document.activeElement.value);
    assert.equal(await page.locator(".calendar :checked").inputValue(), focused);
    return focused;
  };
  assert.equal(await after("ArrowRight"), days[1]);
  assert.equal(await after("ArrowLeft"), days[0]);
  assert.equal(await after("ArrowLeft"), days[0], "there is none before the first");
  let day = days[0];
  for (let n = 0; n < 20 && day < days.at(-7); n += 1) {
    const next = await after("ArrowDown");
    // A day that is not offered is passed over, by whole weeks.
    const wanted = [1, 2, 3].map((by) => week(day, by)).find((one) => days.includes(one));
    assert.equal(next, wanted ?? day);
    if (!wanted) break;
    day = next;
  }
  assert.ok(day > days[Math.floor(days.length / 2)], `the arrows end at ${day}`);
  const up = await after("ArrowUp");
  assert.ok(up < day && (Date.parse(day) - Date.parse(up)) % (7 * 864e5) === 0);
  await someone.close();
});

test("what the arrows choose in a long list is seen, with and without script", async () => {
  for (const javaScriptEnabled of [true, false]) {
    const someone = await visitor({ javaScriptEnabled, height: 500 });
    const { page } = someone;
    await someone.walk({ number: "320" }).address();
    await someone.go("/ask");
    await page.locator("[name=choice]").first().focus();
    for (let n = 0; n < 12; n += 1) {
      await page.keyboard.press("ArrowDown");
      const { y, height } = await page.locator(".choice:has(:focus)").boundingBox();
      assert.ok(y >= 0 && y + height <= 500, `choice ${n + 2} is at ${y}`);
    }
    await someone.close();
  }
});

test("answers change from the check page and lead back to it", async () => {
  const someone = await at("startDate");
  const { page } = someone;
  const change = page.getByRole("button", { name: "Change Email" });
  await change.click();
  await page.waitForURL("**/contact");
  assert.equal(await page.locator("#email").inputValue(), "jordan.samplecase@example.com");
  await page.fill("#email", "jordan@example.org");
  await someone.send();
  // The e-mail address is part of what identity was asked with.
  if (someone.at() === "/identity") {
    await page.fill("#ssn", "");
    await someone.send();
  }
  // Dates belong to what identity was asked with, too.
  if (someone.at() === "/start-date") {
    await page.locator("input[name=date]").first().check({ force: true });
    await someone.send();
  }
  assert.equal(someone.at(), "/review");
  assert.ok((await page.locator("main").textContent()).includes("jordan@example.org"));
  await someone.close();
});

test("fields carry the tokens browsers fill in by, and say where they are optional", async () => {
  const tokens = {
    "/contact": { first_name: "given-name", last_name: "family-name", email: "email", phone: "tel" },
    "/address": { street: "address-line1", unit: "address-line2", city: "address-level2" },
    "/identity": { birth_date_month: "bday-month", birth_date_day: "bday-day", birth_date_year: "bday-year", ssn: "off" },
  };
  const someone = await at("billing");
  const { page } = someone;
  for (const [path, fields] of Object.entries(tokens)) {
    await someone.go(path);
    for (const [field, token] of Object.entries(fields)) {
      assert.equal(await page.locator(`#${field}`).getAttribute("autocomplete"), token);
      assert.equal(await page.locator(`#${field}`).getAttribute("spellcheck"), "false");
    }
    const labels = await page.locator("label, legend").allTextContents();
    assert.ok(labels.every((label) => !label.includes("*")), labels.join());
  }
  await someone.go("/address");
  assert.match(await page.locator("label[for=unit]").textContent(), /\(optional\)$/);
  await someone.go("/contact");
  assert.equal(await page.locator("#email").getAttribute("type"), "email");
  await someone.close();
});
