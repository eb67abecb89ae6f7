// Does in Node what happened in wasmtime.
//
// The component is the first argument. Each line of standard input is `{"trace": …, "folders": {"/templates": "…"}}`, a trace as
// `plugwright_test::Trace` has it and the folders that are granted, and each is answered by a line: `{"same": true}`, or
// `{"difference": "…"}`.

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';

import { WASIShim } from '@bytecodealliance/preview2-shim/instantiation';

import { replay } from './replay.mjs';
import { transpiled } from './transpiled.mjs';

// What components of JavaScript and Python have, and V8 of itself from 11.4 on: that of Node 20 is 11.3.
if (process.versions.v8.startsWith('11.3.')) setFlagsFromString('--experimental-wasm-extended-const');

const { folder, imports } = await transpiled(process.argv[2]);
const { instantiate } = await import(pathToFileURL(join(folder, 'plugin.js')));
const modules = new Map();
const module = async (name) => {
  if (!modules.has(name)) modules.set(name, await WebAssembly.compile(await readFile(join(folder, name))));
  return modules.get(name);
};
const wasi = (preopens) => new WASIShim({ sandbox: { preopens, env: {}, args: [] } }).getImportObject();
for await (const line of createInterface({ input: process.stdin })) {
  const told = await replay({ instantiate, module, imports, wasi }, JSON.parse(line));
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
await rm(folder, { recursive: true });
