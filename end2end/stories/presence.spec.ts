// Who is there and who types: a dot and a word, a line that moves nothing, and all of it goes again.
import { expect, test } from "../support/story.ts";

test("who types is told above the composer and in the list, until the message is there", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ben.startChat(ada.name, "hello");
  const path = ben.path;
  await ada.line(ben.name).click();
  const elsewhere = await ada.tab("/c");
  const says = ada.page.getByText(`${ben.name} is typing…`).last();
  await expect(ada.message("hello")).toBeVisible();
  const stood = await ada.composer.boundingBox();

  await ben.composer.pressSequentially("writing ");
  await expect(ada.page.locator("#composer").getByText("is typing…")).toBeVisible();
  await expect(elsewhere.line(ben.name)).toContainText("is typing…");
  await expect(ben.page.getByText("is typing…"), "not to whoever types").toHaveCount(0);
  expect(await ada.composer.boundingBox(), "nothing moves").toEqual(stood);
  await ben.send.click();
  await expect(ada.message("writing")).toBeVisible();
  await expect(says).toHaveCount(0);
  await expect(elsewhere.line(ben.name)).toContainText("writing");

  // Nobody says that they stopped: it goes by itself.
  await ben.composer.pressSequentially("again and again", { delay: 300 });
  const line = ada.page.locator("#composer").getByText("is typing…");
  await expect(line).toBeVisible();
  await expect(line).toHaveCount(0, { timeout: 12_000 });
  expect(ben.path).toBe(path);
});

test("who types is called as they want to be shown, also since a moment ago", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ben.startChat(ada.name, "hello");
  await ada.line(ben.name).click();
  const line = ada.page.locator("#composer");
  const call = async (display_name: string) =>
    expect((await ben.context.request.post("/api/profile-update", { form: { display_name } })).ok()).toBe(true);
  await call("Benedikt the Great");
  await expect(ada.line("Benedikt the Great")).toBeVisible();
  await ben.composer.pressSequentially("writing");
  await expect(line).toContainText(/Benedikt the Great.* is typing…/);
  await expect(ada.line("Benedikt")).toContainText("is typing…");
  await call("Ben the Greater");
  await expect(line).toContainText(/Ben the Greater.* is typing…/);
});

test("a dot and a word say who is there, who left it alone, and who is gone", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ben.startChat(ada.name, "hello");
  const path = ben.path;
  const head = ada.page.getByRole("banner").or(ada.page.locator(".pane-head"));
  await ada.line(ben.name).click();
  await expect(ada.line(ben.name)).toHaveAccessibleName(/online/);
  await expect(head.getByText("online", { exact: true })).toBeVisible();
  // A page that is drawn anew knows it from the start.
  await ada.open(path);
  await expect(head.getByText("online", { exact: true })).toBeVisible();

  // Who is offline does not know it of others.
  await ada.context.setOffline(true);
  await expect(head.getByText("online", { exact: true })).toHaveCount(0);
  await ada.context.setOffline(false);
  await expect(head.getByText("online", { exact: true })).toBeVisible();

  // Five minutes in which Ben does nothing.
  await ben.page.clock.install();
  await ben.open(path);
  await ben.page.clock.fastForward("05:05");
  await expect(ada.line(ben.name)).toHaveAccessibleName(/away/, { timeout: 20_000 });
  await expect(head.getByText("away", { exact: true })).toBeVisible();
  await ben.page.mouse.move(50, 60);
  await expect(ada.line(ben.name)).toHaveAccessibleName(/online/);

  await ben.context.close();
  await expect(head.getByText("online", { exact: true })).toHaveCount(0, { timeout: 20_000 });
  await expect(ada.line(ben.name)).not.toHaveAccessibleName(/online|away/);
});
