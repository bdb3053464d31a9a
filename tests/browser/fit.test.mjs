// What stands where on a phone, and what is shown only when it is needed.

import test from "node:test";
import assert from "node:assert/strict";
import { visitor } from "./lib.mjs";

/** At `stage` of the plain walk. */
async function at(stage, of = {}, options = {}) {
  const someone = await visitor(options);
  const walk = someone.walk(of);
  await walk[stage]();
  await someone.go(walk.path);
  return someone;
}

test("the Social Security number stands beside who asks for it, and the button is near", async () => {
  for (const lang of ["en", "es"]) {
    const someone = await at("billing", {}, { lang });
    const { page } = someone;
    const box = (selector) => page.locator(selector).first().boundingBox();
    const [field, trust, button] = [await box("#ssn"), await box(".if-ssn .trust"), await box(".if-number .button")];
    assert.ok(trust.y - field.y - field.height < 60, `the reasons begin ${trust.y - field.y - field.height} px below the field`);
    assert.ok(button.y + button.height <= 1200, `the button ends at ${button.y + button.height} px`);
    await page.setViewportSize({ width: 1280, height: 800 });
    const [wide, beside] = [await box("#ssn"), await box(".if-ssn .trust")];
    assert.ok(beside.x > wide.x + wide.width, "the reasons do not stand beside the field on a wide screen");
    await someone.close();
  }
});

test("a deposit asks for a number only once that way is chosen", async () => {
  for (const javaScriptEnabled of [true, false]) {
    const someone = await at("startDate", { ssn: "900-45-0350" }, { javaScriptEnabled });
    const { page } = someone;
    assert.ok(!await page.locator("#ssn").isVisible());
    await page.check("[value=go_on]");
    assert.ok(!await page.locator("#ssn").isVisible());
    await page.check("[value=with_ssn]");
    assert.ok(await page.locator("#ssn").isVisible());
    await someone.close();
  }
});

test("a phone number in a sentence is never broken over two lines", async () => {
  const someone = await at("identity", { last: "Failmax" }, { width: 320 });
  const { page } = someone;
  for (let width = 300; width <= 420; width += 4) {
    await page.setViewportSize({ width, height: 800 });
    const lines = await page.locator("main p a.tel").first().evaluate((link) => link.getClientRects().length);
    assert.equal(lines, 1, `broken at ${width} px`);
  }
  await someone.close();
});
