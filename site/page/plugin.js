// A plugin that jco translated to JavaScript, with its current instance.

import { called, dispose, isRefusal, refusal } from '../called.mjs';
import { importsOf } from './imports.js';
import { Handles, fromJs, toJs } from './values.js';

/** A plugin, and its instance. */
export class Plugin {
  #types;
  #instantiate;
  #compile;
  #modules = new Map();
  #instance = null;

  /** Takes jco's function `instantiate`, and a function `compile` that compiles a core module by its name. */
  constructor(types, { instantiate, compile }) {
    this.#types = types;
    this.#instantiate = instantiate;
    this.#compile = compile;
  }

  /** The resources that the caller has. */
  get held() {
    return this.#instance ? [...this.#instance.held] : [];
  }

  /** Returns the function with this path. */
  function(path) {
    for (const { functions } of this.#types.exports) {
      const found = functions.find((it) => it.path === path);
      if (found) return found;
    }
    throw new Error(`the plugin has no function ${path}`);
  }

  /** Calls the function in the current instance, or in a new one if `fresh` is set. `tell` gets what happens meanwhile. */
  async call({ path, values, answers, fresh }, tell) {
    if (fresh) this.#instance = null;
    this.#instance ??= await this.#begin();
    const { handles, exports, held } = this.#instance;
    this.#instance.tell = tell;
    this.#instance.answers.clear();
    for (const [path, answer] of answers) this.#instance.answers.set(path, answer);
    const it = this.function(path);
    it.parameters.forEach(([, type], index) => owned(this.#types, type, values[index], (name) => held.delete(name)));
    const given = it.parameters.map(([, type], index) => toJs(this.#types, type, values[index], handles));
    const begun = performance.now();
    let outcome;
    try {
      outcome = { returned: called(exports, { ...it, resource: it.resource?.name }, given) };
    } catch (thrown) {
      outcome = { thrown };
    }
    return { milliseconds: performance.now() - begun, ...this.#told(it, outcome) };
  }

  /** Drops a resource. */
  drop(name, tell) {
    const { handles, held } = this.#instance;
    this.#instance.tell = tell;
    const object = handles.get(name);
    held.delete(name);
    handles.forget(name);
    object[dispose]?.();
  }

  async #begin() {
    const instance = { handles: new Handles(), held: new Set(), answers: new Map(), tell: () => {} };
    const imports = importsOf(this.#types, instance.handles, instance.answers, (it) => instance.tell(it));
    const module = (name) => {
      if (!this.#modules.has(name)) this.#modules.set(name, this.#compile(name));
      return this.#modules.get(name);
    };
    if (this.#types.exports.some((it) => (it.name === null ? it.functions.some(({ name }) => name === 'then') : it.name === 'then'))) {
      throw new Error('the plugin exports `then`, so JavaScript would take it for a promise');
    }
    instance.exports = await this.#instantiate(module, imports);
    return instance;
  }

  #told(it, { returned, thrown }) {
    const { handles, held } = this.#instance;
    const from = (reference, value) => (reference === null ? null : fromJs(this.#types, reference, value, handles));
    const result = it.result === null ? null : this.#types.type(it.result);
    const given = (value) => {
      owned(this.#types, it.result, value, (name) => held.add(name));
      return { result: value };
    };
    if (thrown === undefined) {
      if (result === null) return { result: undefined };
      return given(result.kind === 'result' ? { ok: from(result.ok, returned) } : from(it.result, returned));
    }
    if (result?.kind === 'result' && isRefusal(thrown)) return given({ err: from(result.err, refusal(thrown)) });
    // After a trap, the state of the instance is unreliable.
    this.#instance = null;
    return { trap: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

/** Visits the names of all owned resources in a value. */
const owned = (types, reference, value, visit) => {
  if (reference === null || value === null || value === undefined) return;
  const type = types.type(reference);
  const inner = (of, value) => owned(types, of, value, visit);
  if (type.kind === 'own') visit(value.handle);
  if (type.kind === 'list' && Array.isArray(value) && !PLAIN.has(types.type(type.of).kind)) for (const it of value) inner(type.of, it);
  if (type.kind === 'tuple') type.types.forEach((of, index) => inner(of, value[index]));
  if (type.kind === 'record') for (const [name, of] of type.fields) inner(of, value[name]);
  if (type.kind === 'variant') inner(type.cases.find(([name]) => name === value.tag)[1], value.val);
  if (type.kind === 'option') inner(type.of, value.some);
  if (type.kind === 'result') inner('ok' in value ? type.ok : type.err, value.ok ?? value.err);
};

/** Types without resources, whose lists can be long. */
const PLAIN = new Set(['string', 'u8', 's8', 'u16', 's16', 'u32', 's32', 'u64', 's64', 'f32', 'f64', 'bool', 'char', 'enum', 'flags']);
