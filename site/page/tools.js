// The worker that translates a dropped component to JavaScript. It runs no code of the component: jco and the plugin `interface` only read it.

import { $init, generate } from '@bytecodealliance/jco-transpile/component';

import { fetched } from './fetched.js';
import { Interface } from './interface.js';
import { Plugin } from './plugin.js';

const folder = new URL('plugins/interface/', import.meta.url);

/** Returns the WIT of the component as JSON. Refuses a component that is unsafe to translate. */
const read = async (component) => {
  const beside = (name) => fetched(new URL(name, folder));
  const { instantiate } = await import(new URL('plugin.js', folder));
  const compile = async (name) => WebAssembly.compile(await (await beside(name)).arrayBuffer());
  const types = new Interface(await (await beside('interface.json')).json());
  const plugin = new Plugin(types, { instantiate, compile });
  const input = { name: 'component.wasm', 'media-type': 'application/wasm', body: component, attributes: [] };
  const { result, trap } = await plugin.call({ path: 'transform.transform', values: [input, []], answers: [], fresh: true }, () => {});
  if (trap !== undefined) throw new Error(`the component cannot be read: ${trap}`);
  if (result.err) throw new Error(result.err.val?.message ?? 'the component cannot be read');
  return JSON.parse(new TextDecoder().decode(result.ok.body));
};

const made = async (component) => {
  const json = await read(component);
  await $init;
  const { files } = generate(component, { name: 'plugin', noTypescript: true, instantiation: { tag: 'async' }, noNodejsCompat: true, base64Cutoff: 0 });
  const all = new Map(files);
  const module = new TextDecoder().decode(all.get('plugin.js'));
  all.delete('plugin.js');
  return { json, module, wasm: all };
};

addEventListener('message', async ({ data: component }) => {
  try {
    postMessage({ made: await made(component) });
  } catch (error) {
    postMessage({ error: error?.message ?? String(error) });
  }
});
