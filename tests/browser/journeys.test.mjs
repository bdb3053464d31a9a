// Whole journeys, each in another way of using a browser.

import test from "node:test";
import assert from "node:assert/strict";
import { hold, overflow, spaceOut } from "./audit.mjs";
import { count, visitor, world } from "./lib.mjs";
import { Keyboard, Pointer, enroll } from "./steps.mjs";

test("a move-in with the keyboard alone, with script", async () => {
  const someone = await visitor({ width: 1280 });
  await enroll(new Keyboard(someone));
  await someone.close();
});

test("a move-in with the keyboard alone, without script", async () => {
  const someone = await visitor({ width: 1280, javaScriptEnabled: false });
  // Without script a page cannot be asked what has the focus, but the browser's own protocol can.
  await enroll(new Keyboard(someone), { ssn: "900-45-0200" });
  await someone.close();
});

test("a switch in Spanish on a small phone without script", async () => {
  const someone = await visitor({ lang: "es", width: 320, height: 568, javaScriptEnabled: false });
  await enroll(new Pointer(someone), { transaction: "SWI" });
  assert.equal(await someone.page.locator("html").getAttribute("lang"), "es");
  await someone.close();
});

test("a move-in with a deposit on a small phone in the dark", async () => {
  const wrong = [];
  const someone = await visitor({ width: 320, height: 568, colorScheme: "dark" });
  const before = async ({ page }) => {
    const narrow = await overflow(page);
    if (narrow) wrong.push(`${page.url()}: ${narrow}`);
  };
  await enroll(new Pointer(someone), { ssn: "900-45-0200", before });
  hold(wrong);
  await someone.go("/pay");
  await someone.page.locator("main form .button").click();
  // The sandbox plays the gateway, on a host of its own.
  await someone.page.waitForURL((url) => url.pathname === "/gateway/pay");
  assert.ok(someone.faults().every((fault) => fault.includes("/gateway/")), someone.faults().join());
  await someone.context.close();
});

test("a move-in in Spanish at a zoom of 400 %, with the spacing of text a reader may set", async () => {
  const wrong = [];
  // 1280 by 1024 at 400 %.
  const someone = await visitor({ lang: "es", width: 320, height: 256, deviceScaleFactor: 4 });
  const before = async ({ page }) => {
    await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
    const narrow = await overflow(page);
    await spaceOut(page);
    const spaced = await overflow(page);
    // What is cut off cannot be read: only what is hidden from the eye on purpose may be larger than its box.
    const cut = await page.evaluate(() => [...document.querySelectorAll("main *, header *, footer *")]
      .filter((element) => !element.closest(".hidden, .steps, svg, .trap") && getComputedStyle(element).overflow !== "visible" &&
        (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1))
      .map((element) => `${element.tagName}.${element.className}`));
    for (const one of [narrow, spaced, ...cut]) if (one) wrong.push(`${page.url()}: ${one}`);
  };
  await enroll(new Pointer(someone), { before });
  hold(wrong);
  await someone.close();
});

test("the journey in a theme of the affiliate's own", async () => {
  const someone = await visitor({ site: world.themed, width: 1280 });
  await someone.go("/");
  const { page } = someone;
  const logo = page.locator(".house img");
  assert.equal(await logo.getAttribute("alt"), "Sample Power Advisors");
  assert.ok(await logo.evaluate((image) => image.complete && image.naturalWidth > 0), "the logo is not shown");
  const accent = (selector) => page.locator(selector).first().evaluate((element) => getComputedStyle(element).backgroundColor);
  assert.equal(await accent("main .button"), "rgb(138, 28, 74)");
  await page.emulateMedia({ colorScheme: "dark" });
  assert.equal(await accent("main .button"), "rgb(255, 179, 207)");
  await page.emulateMedia({ colorScheme: "light" });
  await page.fill("#zip", "77999");
  await page.check("[value=MVI]");
  await someone.send();
  // Each plan wears its brand, and from the choice on the page does.
  assert.equal(await accent(".brand-GM .button"), "rgb(30, 94, 54)");
  await page.locator(".brand-GM form .button").first().click();
  await page.waitForURL("**/address");
  assert.equal(await accent("main .button"), "rgb(30, 94, 54)");
  await someone.close();
});

test("the waiting page shows progress without script and loading it again sends nothing", async () => {
  const someone = await visitor({ javaScriptEnabled: false });
  const walk = someone.walk({ first: "Hang" });
  const before = await count(world.walked, "enroll");
  await walk.review();
  await someone.go("/processing");
  for (let n = 0; n < 3; n += 1) {
    assert.equal(someone.at(), "/processing");
    assert.ok(await someone.page.locator("svg.progress").isVisible());
    await someone.page.reload();
  }
  // It refreshes itself until the answer is there.
  await someone.page.waitForURL("**/confirmation", { timeout: 60_000 });
  assert.equal(await count(world.walked, "enroll") - before, 1);
  await someone.close();
});

test("the waiting page goes on by itself with script, without losing the reader's place", async () => {
  const someone = await visitor();
  await someone.walk({ first: "Hang" }).review();
  await someone.go("/processing");
  await someone.page.locator("main a.button").focus();
  await someone.page.waitForTimeout(4000);
  assert.ok(await someone.page.evaluate(() => document.activeElement?.matches("main a.button")), "the page was loaded again");
  await someone.page.waitForURL("**/confirmation", { timeout: 60_000 });
  await someone.close();
});
