// Shortens the names by which the WASM and its JavaScript know each other: `node scripts/short-names.mjs WASM JS`.
//
// wasm-bindgen calls each function of the browser by its name and sixteen digits of a hash, and some of the compiler's own
// by the names that it mangles. Nobody else asks for them, they stand in both files, and a hash is what Brotli cannot make
// shorter: they were 7 kB of the first load. Names without such a mark stay, as the page and the pieces ask for some.
import { readFileSync, writeFileSync } from "node:fs";

const [wasmFile, jsFile] = process.argv.slice(2);
const IMPORTS = 2;
const EXPORTS = 7;
const hashed = /_[0-9a-f]{16}$/;
const marked = new RegExp(`^__wb|^__externref|^wasm_bindgen_|^_R[A-Z]|${hashed.source}`);

const wasm = readFileSync(wasmFile);
let at = 8;
function number() {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = wasm[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return value;
  }
}
function text() {
  const length = number();
  at += length;
  return wasm.toString("utf8", at - length, at);
}
function encoded(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
}
const named = (name) => [encoded(Buffer.byteLength(name)), Buffer.from(name)];

/** Reads over what an import is: a function, a table, a memory, a global or a tag. */
function skipKind() {
  const kind = wasm[at++];
  if (kind === 1 || kind === 3 || kind === 4) at++;
  if (kind === 1 || kind === 2) {
    if (wasm[at++] & 1) number();
    number();
  } else if (kind === 3) at++;
  else number();
}

// The shortest for what the JavaScript names first. What the trimmed WASM asks for no more has one name for all of it.
let js = readFileSync(jsFile, "utf8");
const short = new Map();
const unasked = new Set();
for (const [name] of js.matchAll(/[\w$]+/g)) {
  if (!marked.test(name) || short.has(name)) continue;
  if (wasm.includes(name)) short.set(name, `_${short.size.toString(36)}`);
  else if (hashed.test(name)) unasked.add(name);
}
for (const name of unasked) short.set(name, "_");
const used = new Set(unasked);
function renamed() {
  const name = text();
  if (short.has(name)) used.add(name);
  return named(short.get(name) ?? name);
}

const sections = [wasm.subarray(0, 8)];
while (at < wasm.length) {
  const id = wasm[at++];
  const end = number() + at;
  let body = [wasm.subarray(at, end)];
  if (id === IMPORTS || id === EXPORTS) {
    const count = number();
    body = [encoded(count)];
    for (let index = 0; index < count; index++) {
      if (id === IMPORTS) body.push(...named(text()));
      body.push(...renamed());
      const start = at;
      if (id === IMPORTS) skipKind();
      else number(at++);
      body.push(wasm.subarray(start, at));
    }
  }
  body = Buffer.concat(body);
  sections.push(Buffer.from([id]), encoded(body.length), body);
  at = end;
}
js = js.replace(/[\w$]+/g, (name) => (used.has(name) ? short.get(name) : name));

if (used.size === unasked.size) {
  console.error(`✗ ${wasmFile} and ${jsFile} share no name to shorten: has wasm-bindgen changed?`);
  process.exit(1);
}
writeFileSync(wasmFile, Buffer.concat(sections));
writeFileSync(jsFile, js);
