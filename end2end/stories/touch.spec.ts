// On a phone, by touch alone: what is done with messages, how one keeps a conversation, and what is picked while writing.
import type { Locator } from "@playwright/test";
import type { Person } from "../support/person.ts";
import { create, sizes } from "../support/rooms.ts";
import { expect, test, unique } from "../support/story.ts";

const phone = { viewport: sizes.phone, hasTouch: true, isMobile: true };

/** Taps what a thumb hits: it is high enough, and does not stick out. */
async function tap(target: Locator): Promise<void> {
  await target.waitFor();
  const { x, width, height } = (await target.boundingBox())!;
  expect(height, `how high ${target} is`).toBeGreaterThanOrEqual(44);
  expect(x, `${target} is in view`).toBeGreaterThanOrEqual(0);
  expect(x + width, `${target} is in view`).toBeLessThanOrEqual(sizes.phone.width);
  await target.tap();
}

/** Presses a message long: its menu. */
async function hold(who: Person, text: string): Promise<Locator> {
  const box = (await who.message(text).first().boundingBox())!;
  const touch = await who.context.newCDPSession(who.page);
  const point = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const menu = who.page.getByRole("menu", { name: "Message actions" });
  await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [point] });
  await expect(menu).toBeVisible();
  await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await touch.detach();
  return menu;
}

/** Presses a message long, and chooses. */
async function choose(who: Person, text: string, name: string): Promise<void> {
  const menu = await hold(who, text);
  await tap(menu.getByRole("menuitem", { name, exact: true }));
  await expect(menu).toHaveCount(0);
}

const keeping = (who: Person): Locator => who.page.getByLabel("How you keep this conversation");

/** Chooses how one keeps the open conversation. */
async function keep(who: Person, choice: string): Promise<void> {
  await tap(keeping(who));
  const button = who.page.getByRole("button", { name: choice, exact: true });
  await tap(button);
  await expect(button).toBeHidden();
}

/** Ada, on a phone, has answered Ben, who sits at a desk; both have it open. */
async function two(person: (name: string, options?: typeof phone) => Promise<Person>): Promise<[Person, Person]> {
  const [ada, ben] = [await person("ada", phone), await person("ben")];
  await ben.startChat(ada.name, "hello");
  await tap(ada.line(ben.name));
  await expect(ada.message("hello")).toBeVisible();
  await ada.composer.fill("start");
  await tap(ada.send);
  await expect(ben.message("start")).toBeVisible();
  await expect(ada.sent("start")).toHaveCount(1);
  return [ada, ben];
}

test("a message is changed, and another one answered", async ({ person }) => {
  const [ada, ben] = await two(person);
  await choose(ada, "start", "Edit");
  await expect(ada.composer).toBeFocused();
  await expect(ada.composer).toHaveValue("start");
  await ada.composer.fill("start, better");
  await tap(ada.send);
  await expect(ben.message("start, better")).toBeVisible();
  await expect(ben.row("start, better").getByText("edited")).toBeVisible();
  await expect(ada.composer).toHaveValue("");

  // Thought better of: the line above the composer leads out.
  await choose(ada, "start, better", "Edit");
  await ada.composer.fill("worse");
  await tap(ada.page.getByRole("button", { name: "Cancel" }));
  await expect(ada.composer).toHaveValue("");

  await ben.say("what now?");
  await choose(ada, "what now?", "Reply");
  await expect(ada.page.getByText(`Replying to \u2068${ben.name}\u2069`)).toBeVisible();
  await expect(ada.composer).toBeFocused();
  await ada.composer.fill("a walk");
  await tap(ada.send);
  await expect(ben.row("a walk").getByRole("link", { name: /what now\?/ })).toBeVisible();
  await ben.page.reload();
  await expect(ben.message("start, better")).toBeVisible();
  await expect(ben.row("a walk").getByRole("link", { name: /what now\?/ })).toBeVisible();

  await ada.postLines(30, ada.conversation);
  await expect(ada.message("line 29")).toBeInViewport();
  await ada.post({ conversation_id: ada.conversation, content: "as I said", reply_to: "2" });
  const quote = ada.row("as I said").getByRole("link", { name: /start, better/ });
  await expect(quote).toBeInViewport();
  await quote.tap();
  await expect(ada.messages.locator('li.message[data-seq="2"]')).toBeInViewport();
});

test("a message is deleted, once one is sure", async ({ person }) => {
  const [ada, ben] = await two(person);
  await ada.composer.fill("a secret");
  await tap(ada.send);
  await expect(ben.message("a secret")).toBeVisible();
  const dialog = ada.page.getByRole("dialog", { name: "Delete this message?" });
  await choose(ada, "a secret", "Delete");
  await tap(dialog.getByRole("button", { name: "Keep it" }));
  await expect(dialog).toBeHidden();
  await choose(ada, "a secret", "Delete");
  await tap(dialog.getByRole("button", { name: "Delete", exact: true }));
  for (const who of [ada, ben]) {
    await expect(who.message("This message was deleted.")).toBeVisible();
    await expect(who.message("a secret")).toHaveCount(0);
  }
  await expect(ben.message("start")).toBeVisible();
  await ben.page.reload();
  await expect(ben.message("This message was deleted.")).toBeVisible();
});

test("a message is pinned, found in the list of those, and unpinned", async ({ person }) => {
  const [ada, ben] = await two(person);
  const pinned = ben.row("start").getByText("Pinned");
  await choose(ada, "start", "Pin");
  await expect(pinned).toBeAttached();
  await ada.postLines(40, ada.conversation);
  await expect(ada.message("line 39")).toBeInViewport();
  await expect(ada.message("start")).not.toBeInViewport();
  await keep(ada, "Pinned messages");
  const list = ada.page.getByRole("dialog", { name: "Pinned messages" });
  await tap(list.getByRole("link", { name: ada.name }));
  await expect(list).toBeHidden();
  await expect(ada.message("start")).toBeInViewport();
  await choose(ada, "start", "Unpin");
  await expect(pinned).toHaveCount(0);
  await ben.page.reload();
  await expect(ben.message("line 39")).toBeVisible();
  await expect(pinned).toHaveCount(0);
  await keep(ada, "Pinned messages");
  await expect(list).toContainText("No message is pinned here.");
  await tap(list.getByRole("button", { name: "Close" }));
  await expect(list).toBeHidden();
});

test("a tap elsewhere closes a menu", async ({ person }) => {
  const [ada, ben] = await two(person);
  const menu = await hold(ada, "start");
  await ada.page.getByRole("heading", { name: ben.name }).tap();
  await expect(menu).toHaveCount(0);
  await tap(keeping(ada));
  const muted = ada.page.getByRole("button", { name: "Nothing", exact: true });
  await expect(muted).toBeVisible();
  await ada.messages.tap();
  await expect(muted).toBeHidden();
  await expect(ada.page.getByRole("menu")).toHaveCount(0);
});

test("a conversation is pinned to the top, marked as unread, heard less of, and archived", async ({ person, browserOf }) => {
  const [ada, ben, cleo] = [await person("ada", phone), await person("ben"), await person("cleo")];
  const title = unique("Tea");
  await create(ada, { kind: "group", title, members: ben.name });
  await cleo.post({ target_id: ada.name, content: "newer" });
  const desk = await ada.device(await browserOf());
  const lines = desk.page.getByRole("navigation", { name: "Conversations" }).getByRole("listitem");
  await expect(lines).toContainText([cleo.name, title]);
  await ben.line(title).click();
  await expect(ben.composer).toBeVisible();
  await tap(ada.line(title));
  await keep(ada, "Pin to the top");
  await expect(lines).toContainText([title, cleo.name]);
  await expect(desk.line(title)).toHaveAccessibleName(/Pinned/);
  await keep(ada, "Mark as unread");
  await expect(desk.line(title)).toHaveAccessibleName(/Marked as unread/);
  await keep(ada, "Mark as read");
  await expect(desk.line(title)).not.toHaveAccessibleName(/unread/i);
  await keep(ada, "Nothing");
  await expect(desk.line(title)).toHaveAccessibleName(/Muted/);
  await keep(ada, "Unpin from the top");
  await expect(lines).toContainText([cleo.name, title]);
  await desk.open("/c");
  await expect(desk.line(title)).toHaveAccessibleName(/Muted/);
  await keep(ada, "All messages");
  await expect(desk.line(title)).not.toHaveAccessibleName(/Muted/);

  const details = ada.page.getByRole("complementary", { name: "Details" });
  await tap(ada.page.locator(".pane").getByRole("link", { name: "Details" }));
  await tap(details.getByRole("button", { name: "Archive" }));
  await expect(ben.page.getByRole("note")).toContainText("This conversation is archived.");
  await expect(ben.composer).toHaveCount(0);
  await tap(details.getByRole("button", { name: "Bring it back" }));
  await expect(ben.composer).toBeVisible();
  await tap(details.getByRole("link", { name: "Close the details" }));
  await ada.composer.fill("here we are again");
  await tap(ada.send);
  await expect(ben.message("here we are again")).toBeVisible();
});

test("what was refused is tried again, changed, or let go", async ({ person, watch }) => {
  watch.expect(/status of 400/);
  const [ada, ben] = await two(person);
  const posts = "**/api/message-post";
  await ada.page.route(posts, (route) => route.fulfill({ status: 400, json: { code: "bad_request", message: "Not today." } }));
  for (const text of ["one", "two", "three"]) {
    await ada.composer.fill(text);
    await tap(ada.send);
    await expect(ada.row(text)).toContainText("Not today.");
  }
  await ada.page.unroute(posts);
  await tap(ada.row("one").getByRole("button", { name: "Retry" }));
  await expect(ben.message("one")).toBeVisible();
  await expect(ada.sent("one")).toHaveCount(1);
  await tap(ada.row("two").getByRole("button", { name: "Edit" }));
  await expect(ada.composer).toHaveValue("two");
  await ada.composer.fill("two, better");
  await tap(ada.send);
  await expect(ben.message("two, better")).toBeVisible();
  await tap(ada.row("three").getByRole("button", { name: "Discard" }));
  await expect(ada.row("three")).toHaveCount(0);
  expect((await ben.stored(ada.conversation)).map(({ content }) => content)).toEqual(["hello", "start", "one", "two, better"]);
});

test("emoji are picked: for the text, and for an answer", async ({ person }) => {
  const [ada, ben] = await two(person);
  const picker = ada.page.getByRole("dialog", { name: "Emoji" });
  await ada.composer.fill("off to the zoo ");
  await tap(ada.page.getByRole("button", { name: "Emoji", exact: true }));
  await picker.getByRole("searchbox").fill("kangaroo");
  await tap(picker.getByRole("option", { name: "kangaroo" }));
  await expect(picker).toBeHidden();
  await expect(ada.composer).toHaveValue("off to the zoo 🦘");
  await tap(ada.send);
  await expect(ben.message("off to the zoo 🦘")).toBeVisible();

  const reaction = (who: Person, emoji: string) => who.row("start").getByRole("button", { name: new RegExp(emoji) });
  await choose(ada, "start", "🎉");
  await expect(reaction(ben, "🎉")).toHaveAccessibleName(/1 person$/);
  await choose(ada, "start", "Any other emoji");
  await tap(picker.getByRole("button", { name: "Animals & Nature" }));
  await tap(picker.getByRole("option", { name: "monkey", exact: true }));
  await expect(picker).toBeHidden();
  await expect(reaction(ben, "🐒")).toHaveAccessibleName(/1 person$/);
  await reaction(ben, "🐒").click();
  await expect(reaction(ada, "🐒")).toHaveAccessibleName(/2 people, you too/);
  await reaction(ada, "🐒").tap();
  await expect(reaction(ben, "🐒")).toHaveAccessibleName(/1 person, you too/);
  await reaction(ada, "🎉").tap();
  await expect(reaction(ben, "🎉")).toHaveCount(0);
  await tap(ada.page.getByRole("button", { name: "Emoji", exact: true }));
  await expect(picker.getByRole("option"), "the latest first").toHaveText(["🐒", "🦘"]);
  await tap(picker.getByRole("button", { name: "Close" }));
  await expect(picker).toBeHidden();
});

test("a name that is offered is taken with a tap, and whom it calls sees so", async ({ person }) => {
  const [ada, ben, cleo] = [await person("ada", phone), await person("ben"), await person("cleo")];
  const title = unique("Tea");
  await create(ada, { kind: "group", title, members: `${ben.name}, ${cleo.name}` });
  await tap(ada.line(title));
  const offers = ada.page.getByRole("listbox", { name: "Suggestions" });
  await ada.composer.tap();
  await ada.composer.pressSequentially("tea, @");
  await expect(offers.getByRole("option")).toHaveCount(3);
  await tap(offers.getByRole("option", { name: cleo.name }));
  await expect(offers).toBeHidden();
  await expect(ada.composer).toHaveValue(`tea, @${cleo.name} `);
  await expect(ada.composer).toBeFocused();
  await ada.composer.pressSequentially(":tad");
  await tap(offers.getByRole("option", { name: "🎉 :tada:" }));
  await expect(ada.composer).toHaveValue(`tea, @${cleo.name} 🎉 `);
  await expect(ada.composer).toBeFocused();
  await tap(ada.send);
  await expect(cleo.line(title)).toHaveAccessibleName(/1 mention you/);
  await expect(ben.line(title)).toHaveAccessibleName(/1 unread/);
  await expect(ben.line(title)).not.toHaveAccessibleName(/mention/);
  await cleo.line(title).click();
  await expect(cleo.messages.locator(".mention.me")).toHaveText(`@${cleo.name}`);
});
