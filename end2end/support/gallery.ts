// Whether the list of pages and states (rooms.ts) leaves nothing out: what there is, read from the sources; what was seen.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";

const ui = join(import.meta.dirname, "../../src/ui");

/** A file's code, without comments and unit tests. */
function code(path: string): string {
  const text = readFileSync(join(ui, path), "utf8").split("#[cfg(test)]")[0]!;
  return text.replace(/^\s*\/\/.*$/gm, "");
}

/** Every address of a page: those that axum draws, and those that the chat reads further. */
export function addresses(): Map<string, RegExp> {
  const paths = /PATHS: \[&str; \d+\] = \[([^\]]*)\]/.exec(code("routes.rs"))?.[1] ?? "";
  const all = [...paths.matchAll(/"([^"]*)"/g), ...code("pages/chat/target.rs").matchAll(/"(\/c\/[^"]*)"/g)].map(([, path]) => path!);
  const details = /DETAILS: &str = "(\w+)"/.exec(code("routes.rs"))?.[1];
  all.push(`/c/{conversation}/${details}`);
  const parts = { "{conversation}": "\\d+", "{message}": "\\d+" } as Record<string, string>;
  return new Map(all.map((path) => [path, new RegExp(`^${path.replaceAll(/\{\w+\}/g, (part) => parts[part] ?? "[^/]+")}$`)]));
}

/** Every dialog, menu, list of offers and disclosure, each by a selector of what its tag says of it. */
export function floating(): Map<string, string> {
  const texts = new Map([...code("text.rs").matchAll(/const (\w+): &str = "([^"]*)"/g)].map(([, name, text]) => [name!, text!]));
  const found = new Map<string, string>();
  const files = readdirSync(ui, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".rs"));
  for (const file of files) {
    const text = code(file);
    const read: [number, number][] = [];
    for (const { 0: tag, 1: name, index } of text.matchAll(/<(\w+)(?=[\s>])(?:[^<>{}"]|"[^"]*"|\{[^{}]*\}|=>|->)*>/g)) {
      const role = /\srole="(\w+)"/.exec(tag)?.[1];
      const opens = ["dialog", "details"].includes(name!) || ["dialog", "alertdialog", "menu", "listbox"].includes(role ?? "");
      if (!opens) continue;
      read.push([index, index + tag.length]);
      const attributes = [...tag.matchAll(/\s(id|class|role|aria-label|aria-labelledby)=(?:"([^"]*)"|text::(\w+))/g)];
      const selector = attributes.map(([, key, value, text]) => `[${key}="${value ?? texts.get(text!)}"]`).join("");
      found.set(`${name}${selector}`, `${name}${name === "details" ? "[open]" : ""}${selector}`);
    }
    // A tag that is written in a way that is not read here would be left out without a word.
    for (const { 0: mark, index } of text.matchAll(/<(?:dialog|details)\b|\srole="(?:dialog|alertdialog|menu|listbox)"/g)) {
      if (!read.some(([begin, end]) => begin <= index && index < end)) throw new Error(`${file}: the tag of ${mark.trim()} is not understood`);
    }
  }
  return found;
}

/** Keeps what was seen of all that there is. */
export class Gallery {
  private readonly unseen = new Map<string, RegExp | string>([...addresses(), ...floating()]);

  async look(page: Page): Promise<void> {
    const path = new URL(page.url()).pathname;
    for (const [name, way] of this.unseen) {
      const seen = typeof way === "string" ? await page.locator(way).filter({ visible: true }).count() : way.test(path);
      if (seen) this.unseen.delete(name);
    }
  }

  /** What no picture shows: an address, or the tag of something that opens. */
  missing(): string[] {
    return [...this.unseen.keys()];
  }
}
