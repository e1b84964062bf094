// How one keeps a conversation: on top of the list, as unread, and of what in it one hears.
import type { Locator } from "@playwright/test";
import type { Person } from "../support/person.ts";
import { create } from "../support/rooms.ts";
import { expect, test, unique } from "../support/story.ts";

/** Chooses in the menu of the open conversation. */
async function keep(who: Person, choice: string): Promise<void> {
  const menu = who.page.locator("details").filter({ has: who.page.getByLabel("How you keep this conversation") });
  await menu.locator("summary").click();
  await menu.getByRole("button", { name: choice, exact: true }).click();
  await expect(menu.getByRole("button", { name: choice, exact: true })).toBeHidden();
}

/** The lines of the list, from the top. */
const lines = (who: Person): Locator =>
  who.page.getByRole("navigation", { name: "Conversations" }).getByRole("listitem");

test("what is pinned stays on top of what is newer, on every device, until it is unpinned", async ({ person, browserOf }) => {
  const [ada, ben, cleo] = [await person("ada"), await person("ben"), await person("cleo")];
  await ada.startChat(ben.name, "older");
  const phone = await ada.device(await browserOf());
  await cleo.post({ target_id: ada.name, content: "newer" });
  for (const device of [ada, phone]) await expect(lines(device)).toContainText([cleo.name, ben.name]);

  await keep(ada, "Pin to the top");
  for (const device of [ada, phone]) {
    await expect(lines(device)).toContainText([ben.name, cleo.name]);
    await expect(device.line(ben.name)).toHaveAccessibleName(/Pinned/);
  }
  await cleo.post({ target_id: ada.name, content: "newest" });
  for (const device of [ada, phone]) {
    await expect(device.line(cleo.name)).toContainText("newest");
    await expect(lines(device)).toContainText([ben.name, cleo.name]);
  }
  await phone.open(ada.path);
  await expect(lines(phone)).toContainText([ben.name, cleo.name]);

  await keep(phone, "Unpin from the top");
  for (const device of [ada, phone]) {
    await expect(lines(device)).toContainText([cleo.name, ben.name]);
    await expect(device.line(ben.name)).not.toHaveAccessibleName(/Pinned/);
  }
});

test("what is marked as unread says so on every device, until it is read", async ({ person, browserOf }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ben.startChat(ada.name, "hello");
  const phone = await ada.device(await browserOf());
  await ada.line(ben.name).click();
  await expect(ada.message("hello")).toBeVisible();
  await expect(phone.line(ben.name)).not.toHaveAccessibleName(/unread/);
  const id = ada.conversation;

  await keep(ada, "Mark as unread");
  for (const device of [ada, phone]) await expect(device.line(ben.name)).toHaveAccessibleName(/Marked as unread/);
  await ada.open("/c");
  await expect(ada.line(ben.name)).toHaveAccessibleName(/Marked as unread/);
  // What comes on top of it changes nothing of that.
  await ben.say("more");
  await expect(ada.line(ben.name)).toContainText("more");
  await expect(ada.line(ben.name)).toHaveAccessibleName(/Marked as unread/);

  await phone.line(ben.name).click();
  await expect(phone.message("more")).toBeVisible();
  for (const device of [ada, phone]) await expect(device.line(ben.name)).not.toHaveAccessibleName(/unread/i);
  await ada.open(`/c/${id}`);
  await expect(ada.line(ben.name)).not.toHaveAccessibleName(/unread/i);

  // And by a word, where one thinks better of it.
  await keep(ada, "Mark as unread");
  await expect(phone.line(ben.name)).toHaveAccessibleName(/Marked as unread/);
  await keep(ada, "Mark as read");
  await expect(phone.line(ben.name)).not.toHaveAccessibleName(/unread/i);
});

test("of a conversation one hears all, or calls by name only, or nothing", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  const form = { kind: "group", title: unique("Tea"), members: ada.name };
  const conversation_id = String(await create(ben, form));
  const line = ada.line(form.title);
  const say = async (content: string) => {
    await ben.post({ conversation_id, content });
    await expect(line).toContainText(content);
  };
  /** Chooses in the conversation, and goes out of it. */
  const choose = async (level: string) => {
    await line.click();
    await keep(ada, level);
    await expect(ada.page.getByRole("button", { pressed: true, includeHidden: true })).toHaveText(level);
    await ada.open("/c");
  };
  await choose("Mentions only");
  await say("to nobody");
  await expect(line).not.toHaveAccessibleName(/unread|mention/);
  await expect(ada.page).toHaveTitle(/^[^(]/);
  await say(`@${ada.name}, tea?`);
  await expect(line).toHaveAccessibleName(/1 mention you/);
  await expect(line).not.toHaveAccessibleName(/unread|Muted/);
  await expect(ada.page).toHaveTitle(/^\(1\)/);

  await choose("Nothing");
  await expect(line).toHaveAccessibleName(/Muted/);
  await say(`@${ada.name}, coffee?`);
  await expect(line).not.toHaveAccessibleName(/unread|mention/);
  await expect(ada.page).toHaveTitle(/^[^(]/);
  await ada.page.reload();
  await expect(line).toHaveAccessibleName(/Muted/);
  await expect(line).not.toHaveAccessibleName(/unread|mention/);

  await choose("All messages");
  await say("to all");
  await expect(line).toHaveAccessibleName(/1 unread/);
  await expect(line).not.toHaveAccessibleName(/Muted/);
});
