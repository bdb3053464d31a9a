// The desk, walked in Chromium at the widths of a phone and of a desk: axe in light and dark, reflow, and one search for a
// caller with only a phone number. Started by tests/all/browser.rs, by itself.

import test, { after } from "node:test";
import assert from "node:assert/strict";
import { browser, visitor, world } from "./lib.mjs";
import { axeFaults, hold, overflow } from "./audit.mjs";

after(() => browser.close());

for (const [width, height] of [[390, 844], [1280, 800]]) {
  test(`the desk is walked at ${width} px, with nothing that axe finds`, async () => {
    const someone = await visitor({ site: world.desk, width, height });
    const { page } = someone;
    const wrong = [];
    const look = async (name, narrow = true) => {
      wrong.push(...(await axeFaults(page)).map((one) => `${name} at ${width} px: ${one}`));
      const over = await overflow(page);
      if (over) wrong.push(`${name} at ${width} px: ${over}`);
      if (!narrow) return;
      await page.setViewportSize({ width: 320, height: 640 });
      const small = await overflow(page);
      if (small) wrong.push(`${name} at 320 px: ${small}`);
      await page.setViewportSize({ width, height });
    };
    // Until the sheets are there, too: without a script in the page nothing before waits for them.
    const press = (selector) => Promise.all([page.waitForEvent("load"), page.locator(selector).first().click()]);

    await someone.go("/desk");
    await look("sign-in");
    await page.fill("#name", world.desk.name);
    await page.fill("#password", "not the password");
    await press("main button.button");
    await look("sign-in-wrong");
    await page.fill("#password", world.desk.password);
    await press("main button.button");
    assert.equal(someone.at(), "/desk");
    await look("find");

    await page.fill("#wanted", "555");
    await press("main button.button");
    await look("find-wrong");
    await page.fill("#wanted", "713-555-0142");
    await press("main button.button");
    await look("found");
    assert.ok(await page.locator("table a").first().isVisible(), "the caller is not found in one page");
    await press("table a");
    await look("journey");

    await press("main a.button");
    await look("settle");
    await press("main button.button");
    await look("settle-wrong");
    await page.check("[name=as][value=refused]");
    await page.fill("#reason", "NRG said so by phone");
    await press("main button.button");
    await look("settle-confirm");

    for (const name of ["postbacks", "outages", "health"]) {
      await someone.go(`/desk/${name}`);
      await look(name);
    }
    await press(".desk-out button");
    assert.equal(someone.at(), "/desk/sign-in");
    hold(wrong);
    await someone.close();
  });
}
