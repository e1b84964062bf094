// What was sent is sent: without a network, without a server, over reloads, closed and crashed tabs, once and in order.
import type { Page } from "@playwright/test";
import { onDisk, type Person, pair, password, signIn } from "../support/person.ts";
import { expect, test, unique } from "../support/story.ts";

// What a browser says while nobody answers.
const away = [/ERR_(CONNECTION|INTERNET|EMPTY|SOCKET)/, /WebSocket connection/, /Failed to load resource/, /request failed/];

async function write(who: Person, ...texts: string[]): Promise<void> {
  for (const text of texts) {
    await who.composer.fill(text);
    await who.composer.press("Enter");
    await expect(who.message(text)).toBeVisible();
  }
}

function waits(who: Person, text: string) {
  return who.row(text).getByText("Waiting to be sent", { exact: true });
}

/** What the store has, whatever any page shows. */
async function stored(who: Person, conversation: string): Promise<string[]> {
  const list = await who.context.request.post("/api/message-list", {
    form: { conversation_id: conversation, limit: "100" },
    headers: { accept: "application/json" },
  });
  return (await list.json()).messages.map(({ content }: { content: string }) => content);
}

/** How many messages lie on this browser's disk, for everybody who signed in here. */
const kept = async (page: Page): Promise<number> => (await onDisk(page)).length;

/** The server is not reached from this page; its disk and its other tabs are. */
async function unreachable(page: Page): Promise<() => Promise<void>> {
  await page.route("**/api/message-post", (route) => route.abort("connectionrefused"));
  return () => page.unroute("**/api/message-post");
}

test("what is written offline waits, says so, and is sent in order", async ({ person, watch }) => {
  watch.expect(...away);
  const [ada, ben] = await pair(person);
  await ben.line(ada.name).click();
  await ada.context.setOffline(true);
  await write(ada, "one", "two", "three");
  for (const text of ["one", "two", "three"]) await expect(waits(ada, text)).toHaveCount(1);
  await expect(ada.composer).toBeEnabled();
  await ada.context.setOffline(false);
  for (const text of ["one", "two", "three"]) await expect(ada.sent(text)).toHaveCount(1);
  await expect(ben.message("three")).toBeVisible();
  expect(await stored(ada, ada.conversation)).toEqual(["start", "one", "two", "three"]);
  await expect.poll(() => kept(ada.page)).toBe(0);
});

test("the server is killed, the page reloaded: each message arrives once", async ({ person, server, watch }) => {
  watch.expect(...away);
  const [ada] = await pair(person);
  const place = ada.path;
  await server.kill();
  await write(ada, "one", "two");
  await server.up();
  // Not asked about: what waits is on the disk.
  await ada.page.reload();
  for (const text of ["one", "two"]) await expect(ada.sent(text)).toHaveCount(1);
  expect(await stored(ada, ada.conversation)).toEqual(["start", "one", "two"]);
  expect(ada.path).toBe(place);
});

test("an answer that is lost with its page costs nothing and doubles nothing", async ({ person }) => {
  const [ada] = await pair(person);
  let stop = () => {};
  const posted = new Promise<void>((resolve) => (stop = resolve));
  await ada.page.route("**/api/message-post", async (route) => {
    // It reaches the store; its answer reaches nobody.
    await route.fetch();
    stop();
  });
  await ada.composer.fill("once");
  await ada.composer.press("Enter");
  await posted;
  await ada.page.unroute("**/api/message-post");
  await ada.page.reload();
  await expect(ada.sent("once")).toHaveCount(1);
  await expect.poll(() => kept(ada.page)).toBe(0);
  expect(await stored(ada, ada.conversation)).toEqual(["start", "once"]);
});

for (const end of ["closed", "crashed"] as const) {
  test(`a tab with waiting messages is ${end}; the next one sends them`, async ({ person, watch }) => {
    watch.expect(...away);
    const [ada] = await pair(person);
    const [place, conversation] = [ada.path, ada.conversation];
    await unreachable(ada.page);
    await write(ada, "one", "two");
    await expect.poll(() => kept(ada.page)).toBe(2);
    if (end === "closed") {
      await ada.page.close();
    } else {
      const browser = await ada.context.newCDPSession(ada.page);
      const crashed = ada.page.waitForEvent("crash");
      browser.send("Page.crash").catch(() => {});
      await crashed;
    }
    const next = await ada.tab(place);
    for (const text of ["one", "two"]) await expect(next.sent(text)).toHaveCount(1);
    expect(await stored(ada, conversation)).toEqual(["start", "one", "two"]);
  });
}

test("a tab that stays takes over from one that crashes", async ({ person, watch }) => {
  watch.expect(...away);
  const [ada] = await pair(person);
  const conversation = ada.conversation;
  const other = await ada.tab("/c");
  // On its way, with the lock in hand, until the end.
  await ada.page.route("**/api/message-post", () => {});
  await write(ada, "one", "two");
  await expect.poll(() => kept(other.page)).toBe(2);
  const browser = await ada.context.newCDPSession(ada.page);
  const crashed = ada.page.waitForEvent("crash");
  browser.send("Page.crash").catch(() => {});
  await crashed;
  await expect.poll(() => stored(other, conversation), { timeout: 20_000 }).toEqual(["start", "one", "two"]);
  await expect.poll(() => kept(other.page)).toBe(0);
});

test("two tabs write while the server is away: each message once, in the order of writing", async ({ person, server, watch }) => {
  watch.expect(...away);
  const [ada] = await pair(person);
  const other = await ada.tab(ada.path);
  await server.kill();
  const texts = ["a1", "b1", "a2", "b2", "a3", "b3"];
  for (const text of texts) {
    await write(text.startsWith("a") ? ada : other, text);
    // The other tab's rows follow.
    for (const tab of [ada, other]) await expect(tab.message(text)).toBeVisible();
  }
  await server.up();
  for (const tab of [ada, other]) for (const text of texts) await expect(tab.sent(text)).toHaveCount(1, { timeout: 45_000 });
  expect(await stored(ada, ada.conversation)).toEqual(["start", ...texts]);
});

test("a failed message is there after a reload, in every tab, and is discarded in all of them", async ({ person, watch }) => {
  watch.expect(/status of 400/);
  const [ada] = await pair(person);
  const posts = "**/api/message-post";
  await ada.context.route(posts, (route) => route.fulfill({ status: 400, json: { code: "bad_request", message: "Not today." } }));
  await write(ada, "one", "two");
  for (const text of ["one", "two"]) await expect(ada.row(text)).toContainText("Not today.");
  await ada.page.reload();
  const other = await ada.tab(ada.path);
  for (const tab of [ada, other]) await expect(tab.row("two")).toContainText("Not today.");
  await expect(other.page.getByRole("link", { name: /Not sent to/ })).toBeVisible();
  await other.row("one").getByRole("button", { name: "Discard" }).click();
  for (const tab of [ada, other]) await expect(tab.row("one")).toHaveCount(0);
  await ada.context.unroute(posts);
  await ada.row("two").getByRole("button", { name: "Retry" }).click();
  for (const tab of [ada, other]) await expect(tab.sent("two")).toHaveCount(1);
  await expect(other.page.getByRole("link", { name: /Not sent to/ })).toHaveCount(0);
  expect(await stored(ada, ada.conversation)).toEqual(["start", "two"]);
});

test("a first message that waits is shown, arrives later, and nobody is called away", async ({ person, watch }) => {
  watch.expect(...away);
  const [ada, ben] = [await person("ada"), await person("ben")];
  const reach = await unreachable(ada.page);
  await ada.page.getByRole("link", { name: "New chat" }).first().click();
  await ada.page.getByRole("textbox", { name: "To" }).fill(ben.name);
  await ada.composer.fill("hello");
  await ada.composer.press("Enter");
  await expect(ada.page.locator("li", { hasText: "hello" }).getByText("Waiting to be sent")).toHaveCount(1);
  await ada.page.goto("/c");
  const line = ada.page.getByRole("link", { name: `Waiting to be sent to` });
  await expect(line).toContainText(ben.name);
  await line.click();
  await expect(ada.page.getByRole("textbox", { name: "To" })).toHaveValue(ben.name);
  await ada.page.goBack();
  await reach();
  await ben.line(ada.name).click({ timeout: 40_000 });
  await expect(ben.message("hello")).toBeVisible();
  await expect(line).toHaveCount(0);
  expect(ada.path).toBe("/c");
});

test("a first message that is refused after its page is gone goes back to where it was written", async ({ person, watch }) => {
  watch.expect(...away, /status of 404/);
  const ada = await person("ada");
  const nobody = unique("nobody");
  const reach = await unreachable(ada.page);
  await ada.page.getByRole("link", { name: "New chat" }).first().click();
  await ada.page.getByRole("textbox", { name: "To" }).fill(nobody);
  await ada.composer.fill("is anybody there?");
  await ada.composer.press("Enter");
  await expect(ada.composer).toHaveValue("");
  await expect.poll(() => kept(ada.page)).toBe(1);
  await ada.page.goto("/settings");
  await reach();
  await ada.page.goto("/c");
  await expect(ada.page.getByRole("link", { name: /Not sent to/ })).toContainText(nobody);
  await ada.page.getByRole("link", { name: "New chat" }).first().click();
  await expect(ada.composer).toHaveValue("is anybody there?");
  await expect(ada.page.getByRole("textbox", { name: "To" })).toHaveValue(nobody);
  await expect(ada.alert).toBeVisible();
  await expect(ada.page.getByRole("link", { name: /Not sent to/ })).toHaveCount(0);
});

test("drafts survive a reload, each where it belongs, and go when they are sent", async ({ person }) => {
  const [ada, ben] = await pair(person);
  const place = ada.path;
  await ada.composer.fill("half a thought");
  await ada.page.getByRole("link", { name: "New chat" }).first().click();
  await ada.page.getByRole("textbox", { name: "To" }).fill("cleo");
  await ada.composer.fill("dear cleo");
  await expect.poll(() => kept(ada.page)).toBe(2);
  await ada.page.goto("/c?to=");
  await expect(ada.composer).toHaveValue("dear cleo");
  await expect(ada.page.getByRole("textbox", { name: "To" })).toHaveValue("cleo");
  await ada.page.goto("/c?to=somebody-else");
  await ada.live(1);
  await expect(ada.composer).toHaveValue("");
  await ada.page.goto(place);
  await expect(ada.composer).toHaveValue("half a thought");
  await ada.composer.press("Enter");
  await expect(ada.sent("half a thought")).toHaveCount(1);
  await ada.page.reload();
  await expect(ada.sent("half a thought")).toHaveCount(1);
  await expect.poll(() => kept(ada.page)).toBe(1);
  await expect(ada.composer).toHaveValue("");
  await ben.line(ada.name).click();
  await expect(ben.composer).toHaveValue("");
});

test("without a disk it works from memory, and asks before the page is left", async ({ person }) => {
  const [ada] = await pair(person);
  await ada.page.addInitScript(() => Object.defineProperty(window, "indexedDB", { value: undefined }));
  await ada.open(ada.path);
  await ada.say("from memory");
  await ada.page.route("**/api/message-post", () => {});
  await write(ada, "on its way");
  const asked = ada.page.waitForEvent("dialog");
  const left = ada.page.reload();
  const dialog = await asked;
  expect(dialog.type()).toBe("beforeunload");
  await dialog.accept();
  await left;
});

test("without locks and channels nothing is doubled either", async ({ person, server, watch }) => {
  watch.expect(...away);
  const [ada] = await pair(person);
  await ada.context.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
    Object.defineProperty(window, "BroadcastChannel", { value: undefined });
  });
  const [place, conversation] = [ada.path, ada.conversation];
  const [one, two] = [await ada.tab(place), await ada.tab(place)];
  await server.kill();
  await write(one, "one");
  await write(two, "two");
  await server.up();
  await expect(one.sent("one")).toHaveCount(1, { timeout: 45_000 });
  await expect(two.sent("two")).toHaveCount(1, { timeout: 45_000 });
  expect((await stored(ada, conversation)).sort()).toEqual(["one", "start", "two"]);
});

test("signing out warns of what is unsent, and takes it along", async ({ person, watch }) => {
  watch.expect(...away, /status of 401/);
  const [ada] = await pair(person);
  const reach = await unreachable(ada.page);
  await write(ada, "one", "two");
  await ada.composer.fill("a draft");
  await expect.poll(() => kept(ada.page)).toBe(3);
  await ada.signOut();
  const dialog = ada.page.getByRole("dialog", { name: "2 messages are not sent yet and 1 draft is kept here." });
  await expect(dialog).toBeVisible();
  await expect(dialog).toContainText("Sign out and discard them?");
  await expect(dialog.getByRole("button", { name: "Stay signed in" })).toBeFocused();
  await ada.page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  expect(await kept(ada.page)).toBe(3);
  await ada.page.getByRole("button", { name: "Sign out", exact: true }).click();
  await dialog.getByRole("button", { name: "Sign out and discard" }).click();
  await expect(ada.page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await expect.poll(() => kept(ada.page)).toBe(0);
  await reach();
});

test("who could not be signed out keeps everything", async ({ person, watch }) => {
  watch.expect(...away);
  const [ada] = await pair(person);
  await unreachable(ada.page);
  await write(ada, "one");
  await expect.poll(() => kept(ada.page)).toBe(1);
  await ada.page.getByRole("link", { name: "Settings" }).click();
  await ada.page.route("**/api/sign-out", (route) => route.abort("connectionrefused"));
  await ada.page.getByRole("button", { name: "Sign out", exact: true }).click();
  await ada.page.getByRole("dialog").getByRole("button", { name: "Sign out and discard" }).click();
  await expect(ada.alert).toBeVisible();
  expect(await kept(ada.page)).toBe(1);
});

test("a session that ends otherwise keeps what waits for its user, and shows it to nobody else", async ({ person, browserOf, watch }) => {
  watch.expect(...away, /status of (401|404|409)/);
  const [ada] = await pair(person);
  const eve = await person("eve");
  const conversation = ada.conversation;
  const reach = await unreachable(ada.page);
  await write(ada, "one");
  await ada.page.getByRole("link", { name: "New chat" }).first().click();
  await ada.page.getByRole("textbox", { name: "To" }).fill("cleo");
  await ada.composer.fill("dear cleo");
  await expect.poll(() => kept(ada.page)).toBe(2);
  // Elsewhere the password is changed, which ends this session.
  const phone = await (await browserOf()).newPage();
  await phone.goto("/");
  await signIn(phone, ada.name);
  await phone.waitForURL("**/c");
  await phone.goto("/settings");
  await phone.getByLabel("Current password").fill(password);
  await phone.getByLabel("New password").fill("another good one");
  await phone.getByRole("button", { name: "Change password" }).click();
  await ada.page.waitForURL("**/?ended");
  await reach();

  await signIn(ada.page, eve.name);
  await ada.page.waitForURL("**/c");
  await expect(ada.page.getByRole("link", { name: "New chat" }).first()).toBeVisible();
  await ada.page.goto("/c?to=");
  await expect(ada.composer).toHaveValue("");
  await expect(ada.page.getByText("one", { exact: true })).toHaveCount(0);
  // Signing out takes what is one's own.
  await ada.page.goto("/settings");
  await ada.page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(ada.page.getByRole("button", { name: "Sign in" })).toBeVisible();
  expect(await kept(ada.page)).toBe(2);

  await signIn(ada.page, ada.name, "another good one");
  await ada.page.waitForURL("**/c");
  await expect.poll(() => stored(ada, conversation)).toEqual(["start", "one"]);
  await ada.page.goto("/c?to=");
  await expect(ada.composer).toHaveValue("dear cleo");
});
