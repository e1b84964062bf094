// People who talk to each other.
import { expect, test, unique } from "../support/story.ts";

test("two people chat both ways, live", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ada.startChat(ben.name, "Hello Ben");

  await ben.line(ada.name).click();
  await expect(ben.message("Hello Ben")).toBeVisible();
  await ben.say("Hello Ada");
  await expect(ada.message("Hello Ada")).toBeVisible();
  await ada.say("How are you?");
  await expect(ben.message("How are you?")).toBeVisible();

  // Each text stands there once, for both, in the same order.
  const texts = ["Hello Ben", "Hello Ada", "How are you?"];
  for (const reader of [ada, ben]) {
    const said = await reader.messages.innerText();
    expect(texts.map((text) => said.split(text).length - 1)).toEqual([1, 1, 1]);
    const places = texts.map((text) => said.indexOf(text));
    expect(places).toEqual([...places].sort((a, b) => a - b));
  }
});

test("a first message from a stranger appears in the sidebar by itself", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await expect(ben.line(ada.name)).toHaveCount(0);
  await ada.startChat(ben.name, "You don't know me");
  await expect(ben.line(ada.name)).toBeVisible();
  await expect(ben.line(ada.name)).toContainText("You don't know me");
});

test("a message to somebody who is away is there when they come back", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ben.page.close();
  await ada.startChat(ben.name, "Read this later");
  const back = await ben.tab();
  await back.line(ada.name).click();
  await expect(back.message("Read this later")).toBeVisible();
});

test("two tabs of one person both follow", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ada.startChat(ben.name, "one");
  const second = await ada.tab(ada.path);
  await ada.say("two");
  await expect(second.message("two")).toBeVisible();
  await second.say("three");
  await expect(ada.message("three")).toBeVisible();
  await ben.line(ada.name).click();
  await ben.say("four");
  for (const tab of [ada, second]) await expect(tab.message("four")).toHaveCount(1);
});

test("a reload keeps the history", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ada.startChat(ben.name, "still here");
  await ada.say("and this");
  await ada.page.reload();
  for (const text of ["still here", "and this"]) await expect(ada.message(text)).toHaveCount(1);
});

test("line breaks, markup and other scripts arrive as they were written", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ada.startChat(ben.name, "start");
  await ben.line(ada.name).click();
  for (const text of ["<img src=x onerror=alert(1)>", "</script><svg onload=alert(1)>", "שלום 👩‍👩‍👧 مرحبا"]) {
    await ada.say(text);
    await expect(ben.message(text)).toBeVisible();
    await ben.page.reload();
    await expect(ben.message(text)).toBeVisible();
  }
});

test("what is written after a chat was read and left is unread", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ada.startChat(ben.name, "one");
  await ben.line(ada.name).click();
  await expect(ben.message("one")).toBeVisible();
  await expect(ben.page).toHaveTitle(/^[^(]/);
  await ben.page.goBack();
  await expect(ben.messages).toHaveCount(0);
  await ada.say("two");
  await expect(ben.page).toHaveTitle(/^\(1\)/);
});

test("the tab's title counts what is unread", async ({ person }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ada.startChat(ben.name, "one");
  await expect(ben.page).toHaveTitle(/^\(1\)/);
  await ada.say("two");
  await expect(ben.page).toHaveTitle(/^\(2\)/);
  await ben.line(ada.name).click();
  await expect(ben.message("two")).toBeVisible();
  await expect(ben.page).toHaveTitle(/^[^(]/);
});

test("a message that was refused can be tried again, or taken back", async ({ person, watch }) => {
  watch.expect(/status of 400/);
  const [ada, ben] = [await person("ada"), await person("ben")];
  await ada.startChat(ben.name, "start");
  await ben.line(ada.name).click();
  const posts = "**/api/message-post";
  const refuse = () =>
    ada.page.route(posts, (route) => route.fulfill({ status: 400, json: { code: "bad_request", message: "Not today." } }));

  await refuse();
  await ada.composer.fill("first words");
  await ada.send.click();
  await expect(ada.row("first words")).toContainText("Not today.");
  await ada.page.unroute(posts);
  await ada.row("first words").getByRole("button", { name: "Retry" }).click();
  await expect(ada.sent("first words")).toHaveCount(1);
  await expect(ben.message("first words")).toBeVisible();

  await refuse();
  await ada.composer.fill("second words");
  await ada.send.click();
  await ada.row("second words").getByRole("button", { name: "Edit" }).click();
  await expect(ada.row("second words")).toHaveCount(0);
  await expect(ada.composer).toHaveValue("second words");
  await ada.page.unroute(posts);
  await ada.say("better words");
  await expect(ben.message("better words")).toBeVisible();
  await expect(ben.message("second words")).toHaveCount(0);

  await refuse();
  await ada.composer.fill("third words");
  await ada.send.click();
  await ada.row("third words").getByRole("button", { name: "Discard" }).click();
  await expect(ada.row("third words")).toHaveCount(0);
  await expect(ada.composer).toHaveValue("");
});

test("a room that the operator made is there, and its members talk in it", async ({ person, server }) => {
  const [ada, ben] = [await person("ada"), await person("ben")];
  const title = unique("Tea");
  // Not for everyone: other stories' people are on this server, too.
  await server.command("room", "add", title, ada.name, ben.name);
  for (const member of [ada, ben]) {
    await member.open("/c");
    await member.line(title).click();
    await expect(member.page.getByRole("heading", { name: title })).toBeVisible();
  }
  await ada.say("The kettle is on");
  await expect(ben.message("The kettle is on")).toBeVisible();
  await ben.say("Coming");
  await expect(ada.row("Coming")).toContainText(ben.name);
});
