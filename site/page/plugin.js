// A plugin that jco made JavaScript of, with the instance that is there.

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

  /** Of what jco made: `instantiate`, and what compiles a core module of a name. */
  constructor(types, { instantiate, compile }) {
    this.#types = types;
    this.#instantiate = instantiate;
    this.#compile = compile;
  }

  /** The resources that the caller has. */
  get held() {
    return this.#instance ? [...this.#instance.held] : [];
  }

  /** The function of this path. */
  function(path) {
    for (const { functions } of this.#types.exports) {
      const found = functions.find((it) => it.path === path);
      if (found) return found;
    }
    throw new Error(`it has no function ${path}`);
  }

  /** Calls the function in the instance that is there, or in a new one if it is to be `fresh`. `tell` gets what happens meanwhile. */
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
      throw new Error('it exports `then`, which JavaScript takes for a promise');
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
    // What is in it is not to be relied on after a trap.
    this.#instance = null;
    return { trap: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

/** Visits the names of the resources in a value that go with it. */
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

/** Types of which there are many values, and no resources in them. */
const PLAIN = new Set(['string', 'u8', 's8', 'u16', 's16', 'u32', 's32', 'u64', 's64', 'f32', 'f64', 'bool', 'char', 'enum', 'flags']);
