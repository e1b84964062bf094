// What the browser loads, and when: nothing to sign in, the chat, its dialogs a moment later; and what remains where a
// piece of it does not come.
import { expect, test, unique } from "../support/story.ts";
import { pair, password } from "../support/person.ts";

const parts = "**/chatter-parts-*.wasm";
const pages = "**/chatter-pages-*.wasm";
const notLoaded = "That could not be loaded.";
/** A request that this story cuts off, and what the loader says of it. */
const cutOff = [/request failed: .*\/pkg\/chatter-/, /Failed to load resource/, /Failed to fetch/];

test("who signs in loads no script, and has the chat by then", async ({ person, browserOf }) => {
  const ada = await person("ada");
  const page = await (await browserOf()).newPage();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto("/");
  await expect(page.locator("script[src], script[type=module]")).toHaveCount(0);
  // Fetched when nothing else is.
  await expect.poll(() => asked.filter((path) => path.endsWith(".wasm")).length).toBeGreaterThanOrEqual(2);

  await page.getByRole("textbox", { name: "Name" }).fill(ada.name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/c");
  const transferred = await page.evaluate(async () => {
    await document.fonts.ready;
    const files = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
    return files.filter(({ name }) => name.includes("/pkg/") && !name.endsWith(".css")).map(({ transferSize }) => transferSize);
  });
  expect(Math.max(0, ...transferred), "from what was fetched meanwhile").toBe(0);
});

test("a dialog that does not come says so, and comes with the next wish", async ({ person, watch }) => {
  watch.expect(...cutOff);
  const ada = await person("ada");
  await ada.page.route(parts, (route) => route.abort("failed"));
  await ada.open("/c");
  await ada.page.keyboard.press("Control+k");
  await expect(ada.page.getByRole("alert").filter({ hasText: notLoaded })).toBeVisible();
  await ada.page.getByRole("alert").getByRole("button", { name: "Close" }).click();
  await expect(ada.page.getByRole("alert").filter({ hasText: notLoaded })).toHaveCount(0);

  await ada.page.keyboard.press("Control+k");
  await expect(ada.page.getByRole("alert").filter({ hasText: notLoaded })).toBeVisible();
  await ada.page.unroute(parts);
  await ada.page.keyboard.press("Control+k");
  await expect(ada.page.getByRole("combobox", { name: "Find a person, group or room" })).toBeFocused();
  await expect(ada.page.getByRole("alert").filter({ hasText: notLoaded })).toHaveCount(0);
});

test("a pane that does not come says so, and is there after another try", async ({ person, watch }) => {
  watch.expect(...cutOff);
  const ada = await person("ada");
  await ada.page.route(parts, (route) => route.abort("failed"));
  await ada.open("/c");
  await ada.page.getByRole("link", { name: "Rooms" }).first().click();
  await expect(ada.page.getByRole("heading", { name: notLoaded })).toBeVisible();
  await ada.page.unroute(parts);
  await ada.page.getByRole("button", { name: "Retry" }).click();
  await expect(ada.page.getByRole("heading", { name: "Rooms" })).toBeVisible();
});

test("writing and reading wait for no part", async ({ person, watch }) => {
  watch.expect(...cutOff);
  const [ada, ben] = await pair(person);
  await ben.open(ada.path);
  await ada.page.route(parts, (route) => route.abort("failed"));
  await ada.open(ada.path);
  await ada.composer.fill("@ben: here :smile");
  await ada.composer.press("Enter");
  await expect(ben.message("@ben: here :smile")).toBeVisible();
  await ben.composer.fill("seen");
  await ben.composer.press("Enter");
  await expect(ada.message("seen")).toBeVisible();
});

test("a page whose piece does not come stays as it was drawn, and works", async ({ person, watch }) => {
  watch.expect(...cutOff);
  const ada = await person("ada");
  await ada.page.route(pages, (route) => route.abort("failed"));
  const failed = ada.page.waitForEvent("requestfailed");
  await ada.page.goto("/settings");
  await failed;
  const shown = unique("Ada");
  await ada.page.getByLabel("Display name").fill(shown);
  await ada.page.getByRole("button", { name: "Save" }).first().click();
  await expect(ada.page.getByLabel("Display name")).toHaveValue(shown);
  await ada.page.getByRole("button", { name: "Sign out", exact: true }).click();
  await ada.page.waitForURL(/\/$/);
});

test("a page that shows a part at once is alive with it", async ({ person }) => {
  const ada = await person("ada");
  for (const [path, role, name] of [
    ["/c/rooms", "searchbox", /./],
    ["/c/new", "button", /Create/],
    ["/c?to=", "textbox", "To"],
  ] as const) {
    await ada.open(path);
    await expect(ada.page.locator(".pane").getByRole(role, { name }).first()).toBeVisible();
  }
});
