// Coming, going, and being somebody.
import { password, signIn } from "../support/person.ts";
import { expect, test, unique } from "../support/story.ts";

test("signing out ends the other tab too, and says so", async ({ person, watch }) => {
  watch.expect(/status of 401/);
  const ada = await person("ada");
  const other = await ada.tab();
  await ada.signOut();
  await expect(ada.page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await other.page.waitForURL("**/?ended");
  await expect(other.page.getByRole("button", { name: "Sign in" })).toBeVisible();
  // The page that says so stays, and what was behind it is closed.
  await other.page.goto("/c");
  await expect(other.composer).toHaveCount(0);
  await expect(other.page.getByRole("button", { name: "Sign in" })).toBeVisible();
});

test("a bad token leads to /?ended", async ({ person, watch }) => {
  watch.expect(/status of 401/);
  const ada = await person("ada");
  const page = ada.page;
  let start = () => {};
  const started = new Promise<void>((resolve) => (start = resolve));
  await page.route("**/*.wasm", async (route) => {
    await started;
    await route.continue();
  });
  await page.route("**/api/gateway-token", (route) =>
    route.fulfill({ status: 401, json: { code: "unauthenticated", message: "Sign in first." } }),
  );
  await page.goto("/c", { waitUntil: "commit" });
  await page.getByRole("link", { name: "Settings" }).waitFor();
  await page.evaluate(() => (document.cookie = "authorization=nonsense; path=/"));
  start();
  await page.waitForURL("**/?ended");
});

test("an expired token is renewed without anybody noticing", async ({ person }) => {
  const ada = await person("ada");
  const page = ada.page;
  let start = () => {};
  const started = new Promise<void>((resolve) => (start = resolve));
  await page.route("**/*.wasm", async (route) => {
    await started;
    await route.continue();
  });
  const before = ada.readies;
  await page.goto("/c", { waitUntil: "commit" });
  await page.getByRole("link", { name: "Settings" }).waitFor();
  await page.evaluate(() => (document.cookie = "authorization=nonsense; path=/"));
  start();
  await ada.live(before + 1);
  expect(new URL(page.url()).pathname).toBe("/c");
});

test("a changed password ends the other sessions", async ({ person, browserOf, watch }) => {
  watch.expect(/status of 401/);
  const ada = await person("ada");
  const phone = await (await browserOf()).newPage();
  await phone.goto("/");
  await signIn(phone, ada.name);
  await phone.waitForURL("**/c");

  await ada.page.getByRole("link", { name: "Settings" }).click();
  await ada.page.getByLabel("Current password").fill(password);
  await ada.page.getByLabel("New password").fill("another good one");
  await ada.page.getByRole("button", { name: "Change password" }).click();

  await expect(ada.page.getByRole("status").filter({ hasText: /changed/ })).toBeVisible();
  await phone.waitForURL("**/?ended");
  await ada.open("/c");
  await signIn(phone, ada.name, "another good one");
  await phone.waitForURL("**/c");
});

test("a wrong password says so, keeps the name and says no more", async ({ person, browserOf, watch }) => {
  watch.expect(/status of 401/);
  const ada = await person("ada");
  const page = await (await browserOf()).newPage();
  await page.goto("/");
  const sentences: string[] = [];
  for (const name of [ada.name, unique("nobody")]) {
    await signIn(page, name, "wrong password");
    await expect(page.getByRole("alert")).toBeVisible();
    await expect(page.getByRole("textbox", { name: "Name" })).toHaveValue(name);
    await expect(page.getByLabel("Password")).toHaveValue("");
    sentences.push(await page.getByRole("alert").innerText());
  }
  expect(sentences[0], "a name that exists and one that doesn't look alike").toBe(sentences[1]);
});

test("a taken name and a short password are said beside the form", async ({ person, browserOf, watch }) => {
  watch.expect(/status of 4\d\d/);
  const ada = await person("ada");
  const page = await (await browserOf()).newPage();
  for (const [name, secret] of [
    [ada.name.toUpperCase(), password],
    [unique("ben"), "short"],
    ["12345", password],
  ] as const) {
    await page.goto("/sign-up");
    await page.getByRole("textbox", { name: "Name" }).fill(name);
    await page.getByLabel("Password").fill(secret);
    await page.getByRole("button", { name: "Create account" }).click();
    await expect(page.getByRole("alert")).toBeVisible();
    await expect(page.getByRole("textbox", { name: "Name" })).toHaveValue(name);
  }
});

test("two accounts in one browser: the second takes over, and nothing crosses", async ({ person, watch }) => {
  // What the first account's page still asks for is refused.
  watch.expect(/status of (401|404|409)/);
  const [ada, ben, eve] = [await person("ada"), await person("ben"), await person("eve")];
  await ada.startChat(ben.name, "from ada");
  await ada.composer.fill("ada's unsent words");

  const second = await ada.context.newPage();
  await second.goto("/?ended");
  await signIn(second, eve.name);
  await second.waitForURL("**/c");
  await ada.page.waitForURL("**/?ended");

  // The conversation of the first account is nobody's business of the second.
  await ben.line(ada.name).click();
  await ben.page.waitForURL(/\/c\/\d+/);
  await second.goto(ben.path);
  await expect(second.getByText("from ada")).toHaveCount(0);
  await expect(second.getByText("ada's unsent words")).toHaveCount(0);
  await second.goto("/c?to=");
  await expect(second.getByRole("textbox", { name: "Message" })).toHaveValue("");

  await second.goto("/?ended");
  await signIn(second, ada.name);
  await second.waitForURL("**/c");
  await expect(second.getByRole("link", { name: new RegExp(ben.name) })).toBeVisible();
});

test("what needs an account asks for it", async ({ browserOf, watch }) => {
  watch.expect(/status of 40[14]/);
  const page = await (await browserOf()).newPage();
  for (const path of ["/c", "/c/1", "/settings"]) {
    await page.goto(path);
    await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  }
});
