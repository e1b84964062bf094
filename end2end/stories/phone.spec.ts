// On a phone, by touch alone: groups, rooms, and hearing no more from somebody.
import type { Person } from "../support/person.ts";
import { create, sizes } from "../support/rooms.ts";
import { expect, test, unique } from "../support/story.ts";

const phone = { viewport: sizes.phone, hasTouch: true, isMobile: true };

/** Nothing sticks out sideways. */
async function fits(who: Person): Promise<void> {
  expect(await who.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
}

test("a group is made, somebody is added, and one leaves it", async ({ person, watch }) => {
  watch.expect(/status of 404/);
  const [ada, ben, cleo] = [await person("ada", phone), await person("ben"), await person("cleo")];
  const { page } = ada;
  const title = unique("Tea");
  await page.getByRole("link", { name: "New chat" }).first().tap();
  await page.getByRole("link", { name: "New group or room" }).tap();
  await page.getByRole("textbox", { name: "Name" }).fill(title);
  const people = page.getByRole("textbox", { name: "People" });
  await people.tap();
  await people.pressSequentially(ben.name.slice(0, -1));
  await page.getByRole("option", { name: ben.name }).tap();
  await expect(page.getByRole("button", { name: new RegExp(`Remove .*${ben.name}`) })).toBeVisible();
  await fits(ada);
  await page.getByRole("button", { name: "Create" }).tap();
  await page.waitForURL(/\/c\/\d+$/);
  await ada.composer.fill("from the road");
  await ada.send.tap();
  await ben.line(title).click();
  await expect(ben.message("from the road")).toBeVisible();

  const details = page.getByRole("complementary", { name: "Details" });
  await page.locator(".pane").getByRole("link", { name: "Details" }).tap();
  await expect(details.getByRole("heading", { name: "2 members" })).toBeVisible();
  await expect(ada.composer, "one pane at a time").toBeHidden();
  await details.getByRole("textbox", { name: "Add people" }).fill(cleo.name);
  await details.getByRole("button", { name: "Add", exact: true }).tap();
  await expect(details.getByRole("heading", { name: "3 members" })).toBeVisible();
  await expect(cleo.line(title)).toBeVisible();
  await fits(ada);

  await details.getByText("Leave this group").tap();
  await details.getByRole("button", { name: "Leave", exact: true }).tap();
  await page.waitForURL(/\/c$/);
  await expect(page.getByRole("navigation", { name: "Conversations" })).toBeVisible();
  await expect(ada.line(title)).toHaveCount(0);
  await expect(ben.page.locator(".pane-head").getByText("2 members")).toBeVisible();
});

test("a room is joined from the directory, and somebody in it is blocked on their page", async ({ person, watch }) => {
  watch.expect(/status of 404/);
  const [ada, ben] = [await person("ada", phone), await person("ben")];
  const { page } = ada;
  const title = unique("Tea room");
  const form = { kind: "room", title, open: "true" };
  await ben.open(`/c/${await create(ben, form)}`);
  await ben.say("from the beginning");
  await ben.post({ target_id: ada.name, content: "between us" });
  await expect(ada.line(ben.name)).toBeVisible();

  await page.getByRole("link", { name: "Rooms", exact: true }).tap();
  await page.getByRole("searchbox").fill(title);
  await page.getByRole("button", { name: new RegExp(`^Join .*${title}`) }).tap();
  await expect(ada.message("from the beginning")).toBeVisible();
  await fits(ada);
  await ada.composer.fill("here I am");
  await ada.send.tap();
  await expect(ben.message("here I am")).toBeVisible();

  // From the conversation with him to his page.
  await page.getByRole("link", { name: "Back", exact: true }).filter({ visible: true }).tap();
  await ada.line(ben.name).filter({ hasText: "between us" }).tap();
  await page.getByRole("link", { name: "Profile" }).tap();
  await page.getByRole("button", { name: `Block ${ben.name}`, exact: true }).tap();
  await expect(page.getByText("You have blocked them")).toBeVisible();
  expect((await page.getByRole("button", { name: `Unblock ${ben.name}` }).boundingBox())!.height).toBeGreaterThanOrEqual(44);
  await fits(ada);
  await ben.post({ target_id: ada.name, content: "do you hear me?" });
  await ada.open("/c");
  await expect(ada.line(title)).toBeVisible();
  await expect(page.getByText("between us")).toHaveCount(0);
  await expect(page.getByText("do you hear me?")).toHaveCount(0);
});
