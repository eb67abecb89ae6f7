// Runs one plugin, away from the page, which can end it at any time. It answers messages in their order: each has an `id`, and the answer, too.

import { Interface, camel, pascal, unversioned } from './interface.js';
import { importsOf } from './imports.js';
import { Handles, fromJs, toJs } from './values.js';

/** jco's module of the component that is built, which is in a folder. */
const built = async (folder) => {
  const { instantiate } = await import(new URL('plugin.js', folder));
  const compile = async (name) => {
    const response = await fetch(new URL(name, folder));
    if (!response.ok) throw new Error(`${name} is not there: ${response.status}`);
    // Not every server knows the type of WebAssembly, which compiling on the way needs.
    return WebAssembly.compile(await response.arrayBuffer());
  };
  return { instantiate, compile };
};

/** jco's module of any component, made by jco here. */
const dropped = async (component, transpiler) => {
  const { transpile } = await import(transpiler);
  const files = await transpile(component);
  const module = URL.createObjectURL(new Blob([files.get('plugin.js')], { type: 'text/javascript' }));
  const { instantiate } = await import(module);
  URL.revokeObjectURL(module);
  return { instantiate, compile: (name) => WebAssembly.compile(files.get(name)) };
};

const compiledOnce = (compile) => {
  const modules = new Map();
  return (name) => {
    if (!modules.has(name)) modules.set(name, compile(name));
    return modules.get(name);
  };
};

/** A plugin, with the instance that is there. */
class Plugin {
  #types;
  #instantiate;
  #module;
  #instance = null;

  constructor(types, { instantiate, compile }) {
    this.#types = types;
    this.#instantiate = instantiate;
    this.#module = compiledOnce(compile);
  }

  /** Calls the function in the instance that is there, or in a new one if it is to be `fresh`. */
  async call({ path, values, answers, fresh }, tell) {
    if (fresh) this.#instance = null;
    if (!this.#instance) {
      const handles = new Handles();
      const instance = { handles, answers: new Map(), tell };
      const imports = importsOf(this.#types, handles, instance.answers, (it) => instance.tell(it));
      instance.exports = await this.#instantiate(this.#module, imports);
      this.#instance = instance;
    }
    const { handles, exports } = this.#instance;
    this.#instance.tell = tell;
    this.#instance.answers.clear();
    for (const [path, answer] of answers) this.#instance.answers.set(path, answer);
    const it = this.#function(path);
    const arguments_ = it.parameters.map(([, type], index) => toJs(this.#types, type, values[index], handles));
    const begun = performance.now();
    let outcome;
    try {
      outcome = { returned: calledIn(exports, it, arguments_) };
    } catch (thrown) {
      outcome = { thrown };
    }
    return { milliseconds: performance.now() - begun, ...this.#told(it, outcome, handles) };
  }

  /** Drops a resource. */
  drop(name) {
    const { handles } = this.#instance;
    const object = handles.get(name);
    handles.forget(name);
    object[Symbol.dispose]?.();
  }

  #function(path) {
    for (const { functions } of this.#types.exports) {
      const found = functions.find((it) => it.path === path);
      if (found) return found;
    }
    throw new Error(`it has no function ${path}`);
  }

  /** A failure is thrown as it is, or within an error; a trap is an error. */
  #told(it, { returned, thrown }, handles) {
    const from = (reference, value) => (reference === null ? null : fromJs(this.#types, reference, value, handles));
    const result = it.result === null ? null : this.#types.type(it.result);
    if (thrown === undefined) {
      if (result === null) return { result: undefined };
      return { result: result.kind === 'result' ? { ok: from(result.ok, returned) } : from(it.result, returned) };
    }
    const isRefused = !(thrown instanceof Error) || 'payload' in thrown;
    if (result?.kind === 'result' && isRefused) return { result: { err: from(result.err, thrown instanceof Error ? thrown.payload : thrown) } };
    // What happened in it is not to be relied on after a trap.
    this.#instance = null;
    return { trap: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

const calledIn = (exports, it, values) => {
  const of = it.interface === null ? exports : (exports[it.interface] ?? exports[unversioned(it.interface)]);
  switch (it.kind) {
    case 'constructor':
      return new of[pascal(it.resource.name)](...values);
    case 'static':
      return of[pascal(it.resource.name)][camel(it.name)](...values);
    case 'method':
      return values[0][camel(it.name)](...values.slice(1));
    default:
      return of[camel(it.name)](...values);
  }
};

/** What the component exports and imports, as the plugin `interface` tells it. */
const read = async (component, folder) => {
  const json = await (await fetch(new URL('interface.json', folder))).json();
  const plugin = new Plugin(new Interface(json), await built(folder));
  const input = { name: 'component.wasm', 'media-type': 'application/wasm', body: component, attributes: [] };
  const { result, trap } = await plugin.call({ path: 'transform.transform', values: [input, []], answers: [] }, () => {});
  if (trap !== undefined) throw new Error(trap);
  if (result.err) throw new Error(result.err.val?.message ?? 'it cannot be read');
  return JSON.parse(new TextDecoder().decode(result.ok.body));
};

const load = async ({ folder, component, transpiler, reader }) => {
  const [json, module] = component
    ? [await read(component, reader), await dropped(component, transpiler)]
    : await Promise.all([fetch(new URL('interface.json', folder)).then((it) => it.json()), built(folder)]);
  plugin = new Plugin(new Interface(json), module);
  return { json };
};

let plugin = null;
let before = Promise.resolve();

/** How much of what a plugin logs, writes and asks is told of one call: so many lines, and so many characters. */
const MOST_LINES = 1000;
const MOST_CHARACTERS = 1 << 20;

/** Tells of what happens as much as that, and then how much more there was. */
const bounded = (tell) => {
  let [lines, characters, lost] = [0, 0, 0];
  const length = (it) => (typeof it === 'string' ? it.length : it === null || typeof it !== 'object' ? 8 : ArrayBuffer.isView(it) ? it.byteLength : Object.entries(it).reduce((sum, [key, value]) => sum + key.length + length(value), 8));
  return {
    tell: (event) => {
      lines += 1;
      if (characters <= MOST_CHARACTERS) characters += length(event);
      if (lines <= MOST_LINES && characters <= MOST_CHARACTERS) tell(event);
      else lost += 1;
    },
    end: () => lost > 0 && tell({ lost }),
  };
};

const answer = async ({ id, load: what, call, drop }) => {
  const { tell, end } = bounded((event) => postMessage({ id, event }));
  try {
    const answered = what ? await load(what) : call ? await plugin.call(call, tell) : plugin.drop(drop);
    end();
    postMessage({ id, answered });
  } catch (error) {
    end();
    postMessage({ id, error: error?.message ?? String(error) });
  }
};

addEventListener('message', ({ data }) => {
  before = before.then(() => answer(data));
});
