// Makes the WASM that cargo-leptos built as small to send as it can be: `node scripts/trim-wasm.mjs FILE…`. The files have
// the names of their functions; those are gone afterwards.
//
// Leptos reaches its views by tables of functions, so what is in a table counts as used. For each kind of view some
// step through the hydration of a lazily loaded route, which Chatter has none of, and others are for streamed bodies.
// Their bodies go, and wasm-opt drops what nothing else calls. Only what begins such a step or is one is named here: a
// short function, as one that drops something, may be shared with one that is in use and carry either's name.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const tools = new URL("../target/tools/npm/node_modules/", import.meta.url);
const { default: binaryen } = await import(new URL("binaryen/index.js", tools));
const neverCalled = new RegExp(
  // As the compiler mangles them, and as they read where the half was not cut into pieces. Those differ between a compiler
  // that builds its own standard library and one that does not.
  [
    /^intounderlying/,
    /^_RN?C?N?C?INvNvXs\w*_NtNtCs[0-9A-Za-z]+_6tachys4view8any_viewpNtB\w+_7IntoAny8into_any13hydrate_async/,
    /^_RI?NCI?N?C?N?I?NvX.*10RenderHtml13hydrate_async.*0s_0/,
    /^_R.*6js_sys7futures17future_to_promise.*12wasm_streams/,
    /^<\w+ as tachys(\[\w+\])?::view::any_view::IntoAny>::into_any::hydrate_async::/,
    / as tachys(\[\w+\])?::view::RenderHtml>::hydrate_async::\{closure#0\}::\{closure#1\}$/,
    /^<?js_sys(\[\w+\])?::futures::future_to_promise.*wasm_streams.*\{closure#0\}$/,
  ]
    .map((pattern) => pattern.source)
    .join("|"),
);
const files = process.argv.slice(2);
const { MutableGlobals, NontrappingFPToInt, SignExt, BulkMemory, BulkMemoryOpt, ReferenceTypes, Multivalue } =
  binaryen.Features;
// What browsers had by 2021, and what rustc assumes.
const assumed = [
  MutableGlobals, NontrappingFPToInt, SignExt, BulkMemory, BulkMemoryOpt, ReferenceTypes, Multivalue,
].reduce((all, feature) => all | feature);

/** Empties what is never called; says how many functions that were. */
function empty(file) {
  const module = binaryen.readBinary(readFileSync(file));
  module.setFeatures(assumed);
  let emptied = 0;
  for (let index = 0; index < module.getNumFunctions(); index++) {
    const found = module.getFunctionByIndex(index);
    const { name, module: importedFrom } = binaryen.getFunctionInfo(found);
    if (!importedFrom && neverCalled.test(name)) {
      binaryen.Function.setBody(found, module.unreachable());
      emptied++;
    }
  }
  binaryen.setDebugInfo(true);
  writeFileSync(file, module.emitBinary());
  module.dispose();
  return emptied;
}

if (files.reduce((all, file) => all + empty(file), 0) === 0) {
  // Without names, or with a Leptos that calls them otherwise: better told than sent.
  console.error(`✗ ${files} have no function to empty: are they stripped, or has Leptos changed?`);
  process.exit(1);
}

const features = [
  "--enable-mutable-globals",
  "--enable-nontrapping-float-to-int",
  "--enable-sign-ext",
  "--enable-bulk-memory",
  "--enable-reference-types",
  "--enable-multivalue",
];
// wasm-opt's inlining and its folding of locals make the file shorter and what is sent longer: Brotli finds fewer
// repeats. Functions of one name, compiled for many types, are alike: side by side they repeat each other.
const smaller = ["-Oz", "--skip-pass=inlining-optimizing", "--skip-pass=simplify-locals", "-g"];
const strip = ["--reorder-functions-by-name", "--strip-debug", "--strip-producers", "--strip-target-features"];
for (const file of files) {
  for (const passes of [smaller, strip]) {
    execFileSync(new URL(".bin/wasm-opt", tools).pathname, [...features, ...passes, file, "-o", file], { stdio: "inherit" });
  }
}
