// Whether what one wrote was read: by whom, and by whom not yet.
import { pair } from "../support/person.ts";
import { create } from "../support/rooms.ts";
import { expect, test, unique } from "../support/story.ts";

test("between two: sent, and then read", async ({ person }) => {
  const [ada, ben] = await pair(person);
  const standing = ada.row("start").locator(".standing");
  await expect(standing).toHaveText("Sent");
  await ben.line(ada.name).click();
  await expect(standing).toHaveText(new RegExp(`^Read by .*${ben.name}`));
  await expect(standing).toHaveAttribute("title", /^Read by /);
  await expect(ben.row("start").locator(".standing"), "for the author alone").toHaveCount(0);

  // What comes while he looks is read; a page that is drawn anew knows of it.
  await ada.say("and you?");
  await expect(ada.row("and you?")).toContainText(`Read by`);
  await ada.open(ada.path);
  await expect(standing).toHaveText(new RegExp(`^Read by .*${ben.name}`));
});

test("in a group the author sees who has read it, one after the other", async ({ person }) => {
  const [ada, ben, cleo] = [await person("ada"), await person("ben"), await person("cleo")];
  const form = { kind: "group", title: unique("Tea"), members: `${ben.name}, ${cleo.name}` };
  await ada.open(`/c/${await create(ada, form)}`);
  await ada.say("who reads this?");
  const standing = ada.row("who reads this?").locator(".standing");
  await expect(standing).toHaveText("Sent");
  await ben.line(form.title).click();
  await expect(standing).toContainText(ben.name);
  await expect(standing).not.toContainText(cleo.name);
  await cleo.line(form.title).click();
  for (const { name } of [ben, cleo]) {
    await expect(standing).toContainText(name);
    await expect(standing).toHaveAttribute("title", new RegExp(`Read by .*${name}`));
  }

  // What is written later is read by nobody until they look.
  await cleo.open("/c");
  await ada.say("and this?");
  const later = ada.row("and this?").locator(".standing");
  await expect(later).toContainText(ben.name);
  await expect(later).not.toContainText(cleo.name);

  // Who it was is told without a mouse, too, and while one looks.
  await ada.row("and this?").focus();
  await ada.page.keyboard.press("Enter");
  await ada.page.getByRole("menuitem", { name: "Who has read it" }).press("Enter");
  const readers = ada.page.getByRole("dialog", { name: "Who has read it" });
  await expect(readers.getByRole("listitem")).toHaveText([ben.name]);
  await cleo.line(form.title).click();
  await expect(readers.getByRole("listitem")).toHaveText([ben.name, cleo.name]);
  await ada.page.keyboard.press("Escape");
  await expect(readers).toBeHidden();
});
