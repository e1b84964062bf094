// With the keyboard alone: messages, how one keeps a conversation, the way out of a group, and what was not sent.
import type { Locator } from "@playwright/test";
import { type Person, tabTo } from "../support/person.ts";
import { create } from "../support/rooms.ts";
import { expect, test, unique } from "../support/story.ts";

const messageMenu = (who: Person): Locator => who.page.getByRole("menu", { name: "Message actions" });
const keeping = (who: Person): Locator => who.page.getByLabel("How you keep this conversation");

/** Goes into a conversation of the list. */
async function enter(who: Person, name: string): Promise<void> {
  await tabTo(who.page, who.line(name));
  await who.page.keyboard.press("Enter");
  await expect(who.composer).toBeFocused();
}

/** Ada, who wrote to Ben, and he; both have it open. */
async function two(person: (name: string) => Promise<Person>): Promise<[Person, Person]> {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ada.post({ target_id: ben.name, content: "start" });
  await enter(ada, ben.name);
  await enter(ben, ada.name);
  for (const who of [ada, ben]) await expect(who.message("start")).toBeVisible();
  return [ada, ben];
}

/** Presses a key so often until the focus is there. */
async function pressTo(who: Person, key: string, target: Locator): Promise<void> {
  await target.waitFor();
  for (let presses = 0; !(await target.evaluate((element) => element === document.activeElement)); presses++) {
    if (presses === 80) throw new Error(`${key} does not reach ${target}`);
    await who.page.keyboard.press(key);
  }
}

/** From wherever one is to a message. */
async function goTo(who: Person, text: string): Promise<Locator> {
  const row = who.row(text).first();
  await tabTo(who.page, who.messages);
  await pressTo(who, "ArrowUp", row);
  await expect(row.locator(".bubble"), "the focus is seen").toHaveCSS("outline-style", "solid");
  return row;
}

/** Opens the menu of the message that has the focus, and chooses in it. */
async function choose(who: Person, name: string): Promise<void> {
  await who.page.keyboard.press("Enter");
  await expect(messageMenu(who).getByRole("menuitem").first()).toBeFocused();
  const item = messageMenu(who).getByRole("menuitem", { name, exact: true });
  await pressTo(who, "ArrowDown", item);
  await expect(item, "the focus is seen").toHaveCSS("outline-style", "solid");
  await who.page.keyboard.press("Enter");
  await expect(messageMenu(who)).toHaveCount(0);
}

/** Chooses how one keeps the open conversation. */
async function keep(who: Person, choice: string): Promise<void> {
  await tabTo(who.page, keeping(who));
  await who.page.keyboard.press("Enter");
  const button = who.page.getByRole("button", { name: choice, exact: true });
  await tabTo(who.page, button);
  await who.page.keyboard.press("Enter");
  await expect(button).toBeHidden();
  await expect(keeping(who)).toBeFocused();
}

test("a message is deleted, once one is sure, and one goes on from where it was", async ({ person }) => {
  const [ada, ben] = await two(person);
  await ada.post({ conversation_id: ada.conversation, content: "a secret" });
  await expect(ben.message("a secret")).toBeVisible();
  const row = await goTo(ada, "a secret");
  const dialog = ada.page.getByRole("dialog", { name: "Delete this message?" });
  await choose(ada, "Delete");
  await expect(dialog.getByRole("button", { name: "Keep it" })).toBeFocused();
  await ada.page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(row).toBeFocused();
  await choose(ada, "Delete");
  await ada.page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await expect(row).toBeFocused();
  await expect(ben.message("a secret")).toBeVisible();

  await choose(ada, "Delete");
  await tabTo(ada.page, dialog.getByRole("button", { name: "Delete" }));
  await ada.page.keyboard.press("Enter");
  await expect(ben.message("This message was deleted.")).toBeVisible();
  await expect(ben.message("a secret")).toHaveCount(0);
  await expect(ada.row("This message was deleted.")).toBeFocused();
  await ada.page.keyboard.press("ArrowUp");
  await expect(ada.row("start")).toBeFocused();
  await ben.page.reload();
  await expect(ben.message("This message was deleted.")).toBeVisible();
});

test("a message is pinned, found in the list of those, and unpinned", async ({ person }) => {
  const [ada, ben] = await two(person);
  const row = await goTo(ben, "start");
  await choose(ben, "Pin");
  await expect(ada.row("start").getByText("Pinned")).toBeAttached();
  await expect(row).toBeFocused();
  await ada.page.reload();
  await expect(ada.row("start").getByText("Pinned")).toBeAttached();

  await tabTo(ben.page, keeping(ben));
  await ben.page.keyboard.press("Enter");
  await tabTo(ben.page, ben.page.getByRole("button", { name: "Pinned messages" }));
  await ben.page.keyboard.press("Enter");
  const list = ben.page.getByRole("dialog", { name: "Pinned messages" });
  await expect(list.getByRole("listitem")).toContainText(["start"]);
  await ben.page.keyboard.press("Escape");
  await expect(list).toBeHidden();
  await expect(keeping(ben)).toBeFocused();
  await ben.page.keyboard.press("Enter");
  await tabTo(ben.page, ben.page.getByRole("button", { name: "Pinned messages" }));
  await ben.page.keyboard.press("Enter");
  await tabTo(ben.page, list.getByRole("link", { name: ada.name }));
  await ben.page.keyboard.press("Enter");
  await expect(list).toBeHidden();
  await expect(row).toBeFocused();

  await choose(ben, "Unpin");
  await expect(ada.row("start").getByText("Pinned")).toHaveCount(0);
  await expect(row).toBeFocused();
  await ada.page.reload();
  await expect(ada.message("start")).toBeVisible();
  await expect(ada.row("start").getByText("Pinned")).toHaveCount(0);
});

test("e changes an own message, and no other's", async ({ person }) => {
  const [ada, ben] = await two(person);
  await ben.post({ conversation_id: ben.conversation, content: "nobody else's" });
  await expect(ada.message("nobody else's")).toBeVisible();
  const theirs = await goTo(ada, "nobody else's");
  await ada.page.keyboard.press("e");
  await expect(theirs).toBeFocused();
  await expect(ada.composer).toHaveValue("");
  await pressTo(ada, "ArrowUp", ada.row("start"));
  await ada.page.keyboard.press("e");
  await expect(ada.composer).toBeFocused();
  await expect(ada.composer).toHaveValue("start");
  await ada.page.keyboard.type(" over");
  await ada.page.keyboard.press("Escape");
  await expect(ada.composer).toHaveValue("");
  await expect(ada.composer).toBeFocused();

  await goTo(ada, "start");
  await choose(ada, "Edit");
  await expect(ada.composer).toBeFocused();
  await ada.page.keyboard.type(" again");
  await ada.page.keyboard.press("Enter");
  await expect(ben.message("start again")).toBeVisible();
  await expect(ben.row("start again").getByText("edited")).toBeVisible();
  await expect(ada.composer).toHaveValue("");
  await expect(ada.composer).toBeFocused();
  await ben.page.reload();
  await expect(ben.message("start again")).toBeVisible();
  await expect(ben.message("nobody else's")).toBeVisible();
});

test("the menu leads back to its message, by whatever way it was opened", async ({ person }) => {
  const [ada, ben] = await two(person);
  const row = await goTo(ben, "start");
  for (const name of ["More", "React"]) {
    await tabTo(ben.page, ben.page.getByRole("group", { name: "Message actions" }).getByRole("button", { name }));
    await ben.page.keyboard.press("Enter");
    await expect(ben.page.getByRole("menuitem").first()).toBeFocused();
    await ben.page.keyboard.press("Escape");
    await expect(ben.page.getByRole("menuitem")).toHaveCount(0);
    await expect(row, name).toBeFocused();
  }
  await tabTo(ben.page, ben.page.getByRole("group", { name: "Message actions" }).getByRole("button", { name: "React" }));
  await ben.page.keyboard.press("Enter");
  await expect(ben.page.getByRole("menuitem", { name: "👍" })).toBeFocused();
  await ben.page.keyboard.press("Enter");
  const reaction = (who: Person) => who.row("start").getByRole("button", { name: /👍/ });
  await expect(reaction(ada)).toHaveAccessibleName(/1 person$/);
  await expect(row).toBeFocused();
  // It is a button of its own in the row.
  await tabTo(ben.page, reaction(ben));
  await ben.page.keyboard.press(" ");
  await expect(reaction(ada)).toHaveCount(0);
});

test("the arrows lead up to the first message: what is loaded on the way takes the focus from nobody", async ({ person }) => {
  const [ada, ben] = await two(person);
  await ada.postLines(120, ada.conversation);
  await expect(ada.row("line 119").getByText(/^Read by /)).toBeAttached();
  await ben.open(ben.path);
  await expect(ben.message("line 119")).toBeInViewport();
  await expect(ben.message("start")).toHaveCount(0);
  let answer = () => {};
  const answered = new Promise<void>((go) => (answer = go));
  await ben.page.route("**/api/message-list*", async (route) => {
    await answered;
    await route.continue();
  });
  const at = (seq: number) => ben.messages.locator(`li.message[data-seq="${seq}"]`);
  const oldest = Number(await ben.messages.locator("li.message").first().getAttribute("data-seq"));
  await tabTo(ben.page, ben.messages);
  await pressTo(ben, "ArrowUp", at(oldest));
  answer();
  await expect(at(oldest - 1)).toHaveCount(1);
  await expect(at(oldest)).toBeFocused();
  await expect(async () => {
    for (let presses = 0; presses < 20; presses++) await ben.page.keyboard.press("ArrowUp");
    await expect(at(1)).toBeFocused({ timeout: 100 });
  }).toPass({ timeout: 20_000, intervals: [50] });
  await expect(at(1)).toBeInViewport();
  await ben.page.keyboard.press("ArrowDown");
  await expect(at(2)).toBeFocused();
  await ben.page.keyboard.press("ArrowUp");
  await ben.page.keyboard.press("r");
  await expect(ben.composer).toBeFocused();
  await ben.page.keyboard.type("from the beginning");
  await ben.page.keyboard.press("Enter");
  await expect(ada.row("from the beginning").getByRole("link", { name: /start/ })).toBeVisible();
});

test("a conversation is pinned to the top, marked as unread and heard less of", async ({ person, browserOf }) => {
  const [ada, ben] = await two(person);
  const cleo = await person("cleo");
  await cleo.post({ target_id: ada.name, content: "newer" });
  const phone = await ada.device(await browserOf());
  const lines = phone.page.getByRole("navigation", { name: "Conversations" }).getByRole("listitem");
  await expect(lines).toContainText([cleo.name, ben.name]);
  await keep(ada, "Pin to the top");
  await expect(lines).toContainText([ben.name, cleo.name]);
  await keep(ada, "Mark as unread");
  await expect(phone.line(ben.name)).toHaveAccessibleName(/Marked as unread/);
  await keep(ada, "Mark as read");
  await expect(phone.line(ben.name)).not.toHaveAccessibleName(/unread/i);
  await keep(ada, "Nothing");
  await expect(phone.line(ben.name)).toHaveAccessibleName(/Muted/);
  await keep(ada, "Unpin from the top");
  await expect(lines).toContainText([cleo.name, ben.name]);
  await phone.open("/c");
  await expect(phone.line(ben.name)).toHaveAccessibleName(/Muted/);
  await keep(ada, "All messages");
  await expect(phone.line(ben.name)).not.toHaveAccessibleName(/Muted/);
});

test("Escape closes the menu of a conversation, and reads nothing", async ({ person }) => {
  const [ada, ben] = await two(person);
  await ben.open("/c");
  await ada.postLines(70, ada.conversation);
  await expect.poll(() => ben.unread(ada.name)).toBe(70);
  await enter(ben, ada.name);
  const jump = ben.page.getByRole("button", { name: /^70 new/ });
  await expect(jump).toBeVisible();
  await tabTo(ben.page, keeping(ben));
  await ben.page.keyboard.press("Enter");
  await tabTo(ben.page, ben.page.getByRole("button", { name: "Mentions only" }));
  await ben.page.keyboard.press("Escape");
  await expect(ben.page.getByRole("button", { name: "Mentions only" })).toBeHidden();
  await expect(keeping(ben)).toBeFocused();
  await expect(jump).toBeVisible();
  await ben.open("/c");
  expect(await ben.unread(ada.name)).toBe(70);
});

test("one leaves a group, and is not left without a place", async ({ person, watch }) => {
  watch.expect(/status of 404/);
  const [ada, ben] = [await person("ada"), await person("ben")];
  const title = unique("Tea");
  await ben.open(`/c/${await create(ben, { kind: "group", title, members: ada.name })}`);
  await enter(ada, title);
  const details = ada.page.getByRole("complementary", { name: "Details" });
  await tabTo(ada.page, ada.page.locator(".pane").getByRole("link", { name: "Details" }));
  await ada.page.keyboard.press("Enter");
  await expect(details.getByRole("heading", { name: "Details" })).toBeFocused();
  await tabTo(ada.page, details.getByText("Leave this group"));
  await ada.page.keyboard.press("Enter");
  await tabTo(ada.page, details.getByRole("button", { name: "Leave", exact: true }));
  await ada.page.keyboard.press("Enter");
  await ada.page.waitForURL(/\/c$/);
  await expect(ada.line(title)).toHaveCount(0);
  await expect(ben.page.locator(".pane-head").getByText("1 member")).toBeVisible();
  await expect(ada.page.locator(":focus")).toHaveCount(1);
  await ada.open("/c");
  await expect(ada.line(title)).toHaveCount(0);
});

test("what was refused is tried again, changed, or let go", async ({ person, watch }) => {
  watch.expect(/status of 400/);
  const [ada, ben] = await two(person);
  const posts = "**/api/message-post";
  await ada.page.route(posts, (route) => route.fulfill({ status: 400, json: { code: "bad_request", message: "Not today." } }));
  await tabTo(ada.page, ada.composer);
  for (const text of ["one", "two", "three"]) {
    await ada.page.keyboard.type(text);
    await ada.page.keyboard.press("Enter");
    await expect(ada.row(text)).toContainText("Not today.");
  }
  await ada.page.unroute(posts);
  await tabTo(ada.page, ada.row("one").getByRole("button", { name: "Retry" }));
  await ada.page.keyboard.press("Enter");
  await expect(ben.message("one")).toBeVisible();
  await expect(ada.sent("one")).toHaveCount(1);
  await expect(ada.row("one"), "the focus stays with what was tried again").toBeFocused();

  await tabTo(ada.page, ada.row("two").getByRole("button", { name: "Edit" }));
  await ada.page.keyboard.press("Enter");
  await expect(ada.composer).toBeFocused();
  await expect(ada.composer).toHaveValue("two");
  await ada.page.keyboard.type(", better");
  await ada.page.keyboard.press("Enter");
  await expect(ben.message("two, better")).toBeVisible();

  await tabTo(ada.page, ada.row("three").getByRole("button", { name: "Discard" }));
  await ada.page.keyboard.press("Enter");
  await expect(ada.row("three")).toHaveCount(0);
  await expect(ada.page.locator(":focus"), "the focus is somewhere").toHaveCount(1);
  expect((await ben.stored(ada.conversation)).map(({ content }) => content)).toEqual(["start", "one", "two, better"]);
});

test("a link and a text are copied, and sent on", async ({ person }) => {
  const [ada, ben] = await two((name) => person(name, { permissions: ["clipboard-read", "clipboard-write"] }));
  await ada.post({ conversation_id: ada.conversation, content: "**bold**, as typed" });
  await expect(ben.message("bold")).toBeVisible();
  for (const name of ["Copy text", "Copy link"]) {
    const row = await goTo(ben, "bold");
    await choose(ben, name);
    await expect(row).toBeFocused();
    await tabTo(ben.page, ben.composer);
    await ben.page.keyboard.press("Control+v");
    await expect(ben.composer).not.toHaveValue("");
    await ben.page.keyboard.press("Enter");
    await expect(ben.composer).toHaveValue("");
  }
  const link = new URL(`${ada.path}/2`, ada.page.url()).href;
  await expect.poll(async () => (await ada.stored(ada.conversation)).map(({ content }) => content).slice(2)).toEqual(["**bold**, as typed", link]);
});
