// The pages themselves: addresses, small screens, keyboards, and readers of all kinds.
import type { Page } from "@playwright/test";
import { barriers } from "../support/barriers.ts";
import { Gallery } from "../support/gallery.ts";
import { Person, password, tabTo } from "../support/person.ts";
import { furnish, inside, outside, plain, reading, sizes } from "../support/rooms.ts";
import { expect, test, unique } from "../support/story.ts";

test("an address that leads nowhere says so, and leads back", async ({ browserOf, watch }) => {
  watch.expect(/status of 404/);
  const page = await (await browserOf()).newPage();
  const response = await page.goto("/nowhere");
  expect(response?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.getByRole("link").first().click();
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
});

test("a conversation of others looks like one that does not exist", async ({ person, watch }) => {
  watch.expect(/status of 404/);
  const [ada, ben, eve] = [await person("ada"), await person("ben"), await person("eve")];
  await ada.startChat(ben.name, "between us");
  const texts: string[] = [];
  for (const path of [ada.path, "/c/999999999"]) {
    const response = await eve.page.goto(path);
    expect(response?.status()).toBe(404);
    texts.push(await eve.page.getByRole("main").innerText());
  }
  expect(texts[0]).toBe(texts[1]);
  expect(texts[0]).not.toContain("between us");
});

test("on a phone: one pane at a time, and Back goes back", async ({ person }) => {
  const ben = await person("ben");
  const ada = await person("ada", { viewport: sizes.phone, hasTouch: true, isMobile: true });
  await ben.startChat(ada.name, "from the desk");
  await ada.line(ben.name).tap();
  await expect(ada.message("from the desk")).toBeVisible();
  await expect(ada.line(ben.name)).toBeHidden();
  // What was tapped is gone: the focus goes on to what came, without a keyboard over it.
  await expect(ada.page.getByRole("heading", { name: ben.name })).toBeFocused();
  await ada.composer.fill("from the road");
  await ada.send.tap();
  await expect(ben.message("from the road")).toBeVisible();
  // Nothing sticks out sideways, and what is touched is big enough.
  expect(await ada.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  for (const target of [ada.send, ada.composer]) {
    expect((await target.boundingBox())!.height).toBeGreaterThanOrEqual(44);
  }
  await ada.page.goBack();
  await expect(ada.line(ben.name)).toBeVisible();
  await expect(ada.composer).toBeHidden();
});

test("by keyboard alone", async ({ browserOf, person, watch }) => {
  const ben = await person("ben");
  const page = await (await browserOf()).newPage();
  const ada = new Person(unique("ada"), page, watch);
  await page.goto("/sign-up");
  await tabTo(page, page.getByRole("textbox", { name: "Name" }));
  await page.keyboard.type(ada.name);
  await tabTo(page, page.getByLabel("Password"));
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/c");
  await ada.live();

  await tabTo(page, page.getByRole("link", { name: "New chat" }).first());
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("textbox", { name: "To" }));
  await page.keyboard.type(ben.name);
  await tabTo(page, ada.composer);
  await page.keyboard.type("no mouse here");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/c\/\d+/);
  await expect(ada.message("no mouse here")).toBeVisible();
  await tabTo(page, ada.composer);
  await page.keyboard.type("nor here");
  await tabTo(page, ada.send);
  await page.keyboard.press("Enter");
  await expect(ada.message("nor here")).toBeVisible();

  await tabTo(page, page.getByRole("link", { name: "Settings" }));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("button", { name: "Sign out", exact: true }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
});

test("what cannot be read in the dark is found", async ({ browserOf }) => {
  const page = await (await browserOf()).newPage();
  await page.goto("/");
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("@media (prefers-color-scheme: dark) { h1 { color: #333 } }");
    document.adoptedStyleSheets.push(sheet);
  });
  expect(await barriers(page, "here")).toEqual([expect.stringMatching(/^here, dark: color-contrast .*h1/)]);
});

/** From now on the page is as it is without scripts, though the one that looks at it may run: axe is one. */
async function unscripted(page: Page): Promise<void> {
  await page.route("**/*", async (route) => {
    const kind = route.request().resourceType();
    if (kind !== "document" && kind !== "stylesheet") return route.fallback();
    const response = await route.fetch({ maxRedirects: 0 });
    const text = await response.text();
    const body =
      kind === "document"
        ? text.replaceAll(/<script\b.*?<\/script>|<\/?noscript>/gs, "")
        : text.replaceAll(/\(scripting: ?none\)/g, "all");
    await route.fulfill({ response, body });
  });
}

for (const [size, viewport] of Object.entries(sizes)) {
  test(`accessible to all without scripts: ${size}`, async ({ person, watch }) => {
    test.setTimeout(120_000);
    watch.expect(/status of 4\d\d/);
    const [ada, ben] = [await person("ada", { viewport }), await person("ben")];
    await unscripted(ada.page);
    const found: string[] = [];
    for (const [name, visit] of Object.entries(plain(ada, ben, await furnish(ada, [ben])))) {
      await visit();
      expect(await ada.page.locator("script, noscript").count(), name).toBe(0);
      found.push(...(await barriers(ada.page, name)));
    }
    expect(found).toEqual([]);
  });

  test(`accessible to all: ${size}`, async ({ browserOf, person, watch }) => {
    test.setTimeout(360_000);
    watch.expect(/status of 4\d\d/, /ERR_INTERNET_DISCONNECTED/, /Failed to fetch/, /WebSocket/);
    const found: string[] = [];
    const gallery = new Gallery();
    const check = async (page: Page, name: string) => {
      await gallery.look(page);
      found.push(...(await barriers(page, name)));
    };
    const guest = await (await browserOf({ viewport })).newPage();
    for (const [name, visit] of Object.entries(outside)) {
      await visit(guest);
      await check(guest, name);
    }
    const ada = await person("ada", { viewport });
    await check(ada.page, "empty list");
    const others = [await person("ben"), await person("cleo")];
    const conversation = await furnish(ada, others);
    const states = { ...inside(ada, conversation), ...reading(ada, others.at(-1)!, conversation) };
    for (const [name, visit] of Object.entries(states)) {
      await visit();
      await check(ada.page, name);
    }
    expect(found).toEqual([]);
    expect(gallery.missing(), "what no state of support/rooms.ts shows").toEqual([]);
  });
}
