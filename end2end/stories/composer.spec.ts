// Writing: what sends, what breaks a line, what goes wrong, and what is never lost.
import { pair } from "../support/person.ts";
import { expect, test, unique } from "../support/story.ts";

test("Enter sends, Shift+Enter breaks the line", async ({ person }) => {
  const [ada, ben] = await pair(person);
  await ada.composer.focus();
  await ada.page.keyboard.type("one");
  await ada.page.keyboard.press("Shift+Enter");
  await ada.page.keyboard.type("two");
  await expect(ada.composer).toHaveValue("one\ntwo");
  await ada.page.keyboard.press("Enter");
  await expect(ada.composer).toHaveValue("");
  await expect(ada.composer).toBeFocused();
  await ben.line(ada.name).click();
  await expect.poll(() => ben.messages.getByText(/^one\s+two$/).innerText()).toBe("one\ntwo");
});

test("Enter that ends an input method's composition does not send", async ({ person }) => {
  const [ada] = await pair(person);
  const browser = await ada.context.newCDPSession(ada.page);
  await ada.composer.focus();
  const key = { key: "Enter", code: "Enter", windowsVirtualKeyCode: 13 };
  await browser.send("Input.imeSetComposition", { text: "にほん", selectionStart: 3, selectionEnd: 3 });
  await expect(ada.composer).toHaveValue("にほん");
  await browser.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...key });
  await browser.send("Input.dispatchKeyEvent", { type: "keyUp", ...key });
  await browser.send("Input.insertText", { text: "日本" });
  await expect(ada.composer).toHaveValue("日本");
  await expect(ada.message("にほん")).toHaveCount(0);
  await expect(ada.message("日本")).toHaveCount(0);
  await ada.page.keyboard.press("Enter");
  await expect(ada.message("日本")).toBeVisible();
});

test("an unknown target is said beside the composer, and the text is kept", async ({ person, watch }) => {
  watch.expect(/status of 404/);
  const ada = await person("ada");
  await ada.page.getByRole("link", { name: "New chat" }).first().click();
  await ada.page.getByRole("textbox", { name: "To" }).fill(unique("nobody"));
  await ada.composer.fill("is anybody there?");
  await ada.send.click();
  await expect(ada.alert).toBeVisible();
  await expect(ada.composer).toHaveValue("is anybody there?");
});

test("what is typed while a first message is on its way goes along, and Back does not return to the form", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await ada.page.route("**/api/message-post*", async (route) => {
    await released;
    await route.continue();
  });
  await ada.page.getByRole("link", { name: "New chat" }).first().click();
  await ada.page.getByRole("textbox", { name: "To" }).fill(ben.name);
  await ada.composer.fill("hello");
  await ada.composer.press("Enter");
  await expect(ada.composer).toHaveValue("");
  await ada.page.keyboard.type("and more");
  release();
  await ada.page.waitForURL(/\/c\/\d+/);
  await expect(ada.message("hello")).toBeVisible();
  await expect(ada.composer).toHaveValue("and more");
  await expect(ada.composer).toBeFocused();
  await ada.page.goBack();
  await ada.page.waitForURL(/\/c$/);
  await ada.page.getByRole("link", { name: "New chat" }).first().click();
  await expect(ada.composer).toHaveValue("");
});

test("a text that is too long is said beside the composer and kept; a blank one is not sent", async ({ person, watch }) => {
  watch.expect(/status of 4\d\d/);
  const [ada, ben] = await pair(person);
  const long = "long ".repeat(801).trim();
  await ada.composer.fill(long);
  await ada.send.click();
  await expect(ada.alert).toBeVisible();
  await expect(ada.composer).toHaveValue(long);
  // What is said goes with the text that it was said of.
  await ada.composer.press("End");
  await ada.composer.press("Backspace");
  await expect(ada.alert).toHaveCount(0);
  await ada.composer.fill(" \n ");
  await ada.composer.press("Enter");
  await ada.say("just right");
  await ben.line(ada.name).click();
  await expect(ben.message("just right")).toBeVisible();
  // Start and this one: neither the long nor the blank one went out.
  const list = await ada.context.request.post("/api/message-list", {
    form: { conversation_id: ada.conversation },
    headers: { accept: "application/json" },
  });
  expect((await list.json()).messages.map(({ content }: { content: string }) => content)).toEqual(["start", "just right"]);
});

test("text typed before the page came alive is kept, and so is the focus", async ({ person }) => {
  const [ada] = await pair(person);
  let start = () => {};
  const started = new Promise<void>((resolve) => (start = resolve));
  await ada.page.route("**/*.wasm", async (route) => {
    await started;
    await route.continue();
  });
  const before = ada.readies;
  await ada.page.goto(ada.path, { waitUntil: "commit" });
  await ada.composer.click();
  await ada.page.keyboard.type("typed early");
  start();
  await ada.live(before + 1);
  await expect(ada.composer).toHaveValue("typed early");
  await expect(ada.composer).toBeFocused();
  await ada.page.keyboard.type(", sent late");
  await ada.page.keyboard.press("Enter");
  await expect(ada.message("typed early, sent late")).toBeVisible();
});

test("what came back from a plain form is said once", async ({ person, watch }) => {
  watch.expect(/status of 400/);
  const [ada, ben] = await pair(person);
  const cleo = await person("cleo");
  await cleo.startChat(ada.name, "hello");
  let start = () => {};
  const started = new Promise<void>((resolve) => (start = resolve));
  await ada.page.route("**/*.wasm", async (route) => {
    await started;
    // The first document's request went with it.
    await route.continue().catch(() => {});
  });
  const before = ada.readies;
  const place = ada.path;
  await ada.page.goto(place, { waitUntil: "commit" });
  await ada.composer.fill("too long ".repeat(500));
  await ada.send.click();
  await expect(ada.alert).toBeVisible();
  start();
  await ada.live(before + 1);
  await ada.composer.fill("short enough");
  await expect(ada.alert).toHaveCount(0);
  await ada.composer.press("Enter");
  await expect(ada.message("short enough")).toBeVisible();

  await ada.line(cleo.name).click();
  await expect(ada.message("hello")).toBeVisible();
  await ada.line(ben.name).click();
  await expect(ada.message("short enough")).toBeVisible();
  await expect(ada.composer).toHaveValue("");
  await expect(ada.alert).toHaveCount(0);
});

test("an answer that comes after one went away and back takes nothing away", async ({ person }) => {
  const [ada, ben] = await pair(person);
  const cleo = await person("cleo");
  await cleo.startChat(ada.name, "hello");
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let asked = 0;
  await ada.page.route("**/api/message-list*", async (route) => {
    if (asked++ === 0) await released;
    await route.continue();
  });
  await ada.line(cleo.name).click();
  await expect.poll(() => asked).toBe(1);
  await ada.line(ben.name).click();
  await ada.line(cleo.name).click();
  await expect(ada.message("hello")).toBeVisible();
  await ada.composer.click();
  await ada.page.keyboard.type("half a ");
  const composer = await ada.composer.elementHandle();
  const late = ada.page.waitForResponse("**/api/message-list*");
  release();
  await (await late).finished();
  // Past everything that the answer sets off.
  await ada.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 100))));
  await ada.page.keyboard.type("thought");
  await expect(ada.composer).toHaveValue("half a thought");
  expect(await composer?.evaluate((element) => element.isConnected), "the composer is the same").toBe(true);
});

test("an unsent text waits while one looks elsewhere", async ({ person }) => {
  const [ada, ben] = await pair(person);
  const cleo = await person("cleo");
  await cleo.startChat(ada.name, "hello");
  await ada.composer.fill("half a thought");
  await ada.line(cleo.name).click();
  await expect(ada.message("hello")).toBeVisible();
  await expect(ada.composer).toHaveValue("");
  await ada.line(ben.name).click();
  await expect(ada.composer).toHaveValue("half a thought");
});
