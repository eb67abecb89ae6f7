// Replays traces from wasmtime in Node.
//
// The component is the first argument. Each line of standard input is a request, `{"trace": …, "folders": {"/templates": "…"}}`: a
// trace in the form of `plugwright_test::Trace`, and the granted folders. The answer to each is a line: `{"same": true}` or
// `{"difference": "…"}`.

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';

import { WASIShim } from '@bytecodealliance/preview2-shim/instantiation';

import { replay } from './replay.mjs';
import { transpiled } from './transpiled.mjs';

// Components in JavaScript and Python need extended constant expressions. V8 has them by default from 11.4 on, and Node 20 has V8 11.3.
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
