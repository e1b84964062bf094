// Hearing no more from somebody, and who is called by name.
import type { Page } from "@playwright/test";
import { barriers } from "../support/barriers.ts";
import { expect, test, unique } from "../support/story.ts";

const block = (page: Page, name: string) => page.getByRole("button", { name: `Block ${name}`, exact: true });
const unblock = (page: Page, name: string) => page.getByRole("button", { name: `Unblock ${name}`, exact: true });

async function nothingStandsInTheWay(page: Page): Promise<void> {
  expect(await barriers(page, page.url())).toEqual([]);
}

test("who is blocked goes on writing and reaches nobody, until they are unblocked", async ({ person, watch }) => {
  watch.expect(/status of 40[49]/);
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ada.startChat(ben.name, "hello");
  await ben.line(ada.name).click();
  await expect(ben.message("hello")).toBeVisible();
  const path = ben.path;
  const elsewhere = await ben.tab("/c");
  await expect(elsewhere.line(ada.name)).toBeVisible();

  // From the conversation's head, by keyboard alone.
  const profile = ben.page.getByRole("link", { name: "Profile" });
  await profile.focus();
  await ben.page.keyboard.press("Enter");
  await expect(ben.page.getByRole("heading", { name: ada.name })).toBeVisible();
  await block(ben.page, ada.name).focus();
  await ben.page.keyboard.press("Enter");
  await expect(unblock(ben.page, ada.name)).toBeVisible();
  await expect(ben.page.getByText("You have blocked them")).toBeVisible();
  await expect(ben.page.getByRole("link", { name: "Message", exact: true })).toHaveCount(0);
  await nothingStandsInTheWay(ben.page);
  await expect(elsewhere.line(ada.name), "on all of his devices").toHaveCount(0);

  // Nothing tells her, and nothing reaches him.
  await ada.say("do you hear me?");
  await ada.open(ada.path);
  await expect(ada.sent("do you hear me?")).toHaveCount(1);
  await expect(ada.page.locator(".pane-name")).toHaveText(ben.name);
  await ben.open("/c");
  await expect(ben.line(ada.name)).toHaveCount(0);
  await ben.page.goto(path);
  await expect(ben.page.getByRole("heading", { name: "There is no such conversation." })).toBeVisible();

  // Nor does he write to her by mistake; what he wrote is kept.
  await ben.open("/c");
  await ben.page.getByRole("link", { name: "New chat" }).first().click();
  await ben.page.getByRole("textbox", { name: "To" }).fill(ada.name);
  await ben.composer.fill("by mistake");
  await ben.send.click();
  await expect(ben.page.getByText("You have blocked this person").first()).toBeVisible();

  await ben.page.goto("/settings");
  await nothingStandsInTheWay(ben.page);
  await unblock(ben.page, ada.name).click();
  await expect(ben.page.getByText("Unblocked.")).toBeVisible();
  await expect(elsewhere.line(ada.name)).toBeVisible();
  await expect(elsewhere.line(ada.name)).not.toHaveAccessibleName(/unread/);
  await ben.open(path);
  await expect(ben.message("do you hear me?")).toBeVisible();
  await ada.say("thank you");
  await expect(ben.message("thank you")).toBeVisible();
});

test("a call by name is counted in the list, and alone where a conversation is kept at mentions", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  const title = unique("Calls");
  const made = await ben.context.request.post("/api/conversation-create", {
    form: { kind: "group", title, members: ada.name },
    headers: { accept: "application/json" },
  });
  const { id } = await made.json();
  await expect(ada.line(title)).toBeVisible();
  await ben.post({ conversation_id: String(id), content: "to nobody" });
  await expect(ada.line(title)).toHaveAccessibleName(/1 unread/);
  await ben.post({ conversation_id: String(id), content: `@${ada.name}, have you seen this?` });
  await expect(ada.line(title)).toHaveAccessibleName(/1 mention you.*2 unread/);
  // A page that is drawn anew says the same.
  await ada.open("/c");
  await expect(ada.line(title)).toHaveAccessibleName(/1 mention you.*2 unread/);
  await ada.context.request.post("/api/conversation-keep", { form: { conversation_id: String(id), level: "mentions" } });
  await expect(ada.line(title)).not.toHaveAccessibleName(/unread/);
  await ben.post({ conversation_id: String(id), content: "hello @all" });
  await expect(ada.line(title)).toHaveAccessibleName(/2 mention you/);
  await expect(ada.page).toHaveTitle(/\(2\)/);
  await ada.line(title).click();
  await expect(ada.line(title)).not.toHaveAccessibleName(/mention you/);
  await expect(ada.page).not.toHaveTitle(/\(/);
});
