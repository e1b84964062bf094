// Makes the pieces that the browser's half was cut into what the site serves: `node scripts/join-pieces.mjs FOLDER`.
//
// The loader becomes part of the script that needs it: one request less, and the two cannot be of different builds. Each
// piece gets the hash of its content into its name, so that browsers may keep it for ever; `pieces.json` says which
// files each piece is made of, for pages that ask for them ahead.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
const loaderName = "__wasm_split.______________________.js";
const manifestName = "__wasm_split_manifest.json";
const script = join(folder, "chatter.js");

function found(value, what) {
  if (value) return value;
  console.error(`✗ ${folder} has no ${what}: has cargo-leptos changed how it splits?`);
  process.exit(1);
}

// wasm-bindgen imports the loader by a name of its own, and the loader imports from wasm-bindgen's script.
let js = readFileSync(script, "utf8");
const importing = new RegExp(`import ?\\* ?as (\\w+) ?from ?["']\\./${loaderName.replaceAll(".", "\\.")}["'];?\\n?`, "g");
const names = [...js.matchAll(importing)].map(([, name]) => name);
found(names.length > 0, "script that imports the loader");
js = js.replace(importing, "");
const [, initSync] = found(js.match(/(\w+) as initSync/), "script that exports initSync");
const loader = readFileSync(join(folder, loaderName), "utf8")
  .replace(/^import \{ initSync \} from .*\n/m, "")
  .replaceAll("initSync(", `${initSync}(`);
const loads = [...loader.matchAll(/^export const (\w+)/gm)].map(([, name]) => name);
found(loads.length > 0, "loader of a piece");
js = `${loader.replace(/^export const /gm, "const ")}\n${names.map((name) => `const ${name} = { ${loads.join(", ")} };`).join("\n")}\n${js}`;

const pieces = readdirSync(folder).filter((name) => name.endsWith(".wasm") && name !== "chatter.wasm");
const named = new Map();
for (const name of pieces) {
  const hash = createHash("sha256").update(readFileSync(join(folder, name))).digest("hex").slice(0, 16);
  const stem = name.replace(/^split_/, "").replace(/\.wasm$/, "");
  named.set(name, `chatter-${stem}-${hash}.wasm`);
  js = found(js.includes(`"./${name}"`), `loader of ${name}`) && js.replaceAll(`"./${name}"`, `"./${named.get(name)}"`);
}
const manifest = JSON.parse(readFileSync(join(folder, manifestName), "utf8"));
for (const [piece, files] of Object.entries(manifest)) {
  manifest[piece] = files.map((stem) => found(named.get(`${stem}.wasm`), `${stem}.wasm`));
}
for (const [from, to] of named) renameSync(join(folder, from), join(folder, to));
rmSync(join(folder, loaderName));
rmSync(join(folder, manifestName));
writeFileSync(join(folder, "pieces.json"), JSON.stringify(manifest));
writeFileSync(script, js);
