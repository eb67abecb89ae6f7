// Replays a trace from wasmtime in any engine that runs jco's components, and reports the first difference.

import { called, camel, dispose, isRefusal, pascal, refusal, unversioned } from './called.mjs';
import { Written } from './written.mjs';

/** A difference from the trace. */
class Difference extends Error {}

const differ = (text) => {
  throw new Difference(text);
};

const brief = (value) => {
  const text = JSON.stringify(value, (_, it) => (typeof it === 'bigint' ? `${it}` : it)) ?? `${value}`;
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
};

const number = (text) =>
  ({ NaN: NaN, inf: Infinity, '-inf': -Infinity })[text] ?? Number(text);

const bytesOf = (base64) => Uint8Array.from(atob(base64), (it) => it.charCodeAt(0));

const isSame = (one, other) => one.length === other.length && one.every((it, index) => it === other[index]);

/** Converts a value of a trace to a value for jco. */
const toJs = (value, handles) => {
  const [[type, it]] = Object.entries(value);
  const all = (values) => values.map((it) => toJs(it, handles));
  const inner = (it) => (it === null ? undefined : toJs(it, handles));
  switch (type) {
    case 's64':
    case 'u64':
      return BigInt(it);
    case 'f32':
    case 'f64':
      return number(it);
    case 'bytes':
      return bytesOf(it);
    case 'list':
      return it.length === 0 ? new Uint8Array() : all(it);
    case 'tuple':
      return all(it);
    case 'record':
      return Object.fromEntries(it.map(([name, it]) => [camel(name), toJs(it, handles)]));
    case 'variant':
      return { tag: it[0], val: inner(it[1]) };
    case 'flags':
      return Object.fromEntries(it.map((name) => [camel(name), true]));
    case 'option':
      // A nested option has a tag, so that its cases can be told apart.
      return it !== null && 'option' in it ? { tag: 'some', val: inner(it) } : inner(it);
    case 'ok':
    case 'err':
      return { tag: type, val: inner(it) };
    case 'handle':
      return handles.get(it) ?? differ(`there is no handle ${it}`);
    default:
      return it;
  }
};

/** Compares a result with the value of a trace. New handles are remembered. */
const compare = (expected, found, handles, where) => {
  const [[type, it]] = Object.entries(expected);
  const wrong = () => differ(`${where}: ${brief(found)}, but in wasmtime ${brief(expected)}`);
  const check = (is) => is || wrong();
  const all = (values) => {
    check(found?.length === values.length);
    values.forEach((value, index) => compare(value, found[index], handles, `${where}[${index}]`));
  };
  const inner = (it, found) => (it === null ? check(found === undefined) : compare(it, found, handles, where));
  switch (type) {
    case 's64':
    case 'u64':
      return check(found === BigInt(it));
    case 'f32':
    case 'f64':
      return check(Object.is(found, number(it)));
    case 'bytes':
      return check(found instanceof Uint8Array && isSame(found, bytesOf(it)));
    case 'list':
    case 'tuple':
      return all(it);
    case 'record':
      check(found !== null && typeof found === 'object' && Object.keys(found).length === it.length);
      return it.forEach(([name, value]) => compare(value, found[camel(name)], handles, `${where}.${name}`));
    case 'variant':
      check(found?.tag === it[0]);
      return inner(it[1], found.val);
    case 'flags': {
      const names = Object.entries(found ?? {}).filter(([, is]) => is).map(([name]) => name);
      return check(names.sort().join() === it.map(camel).sort().join());
    }
    case 'option':
      if (it !== null && 'option' in it) {
        check(found?.tag === 'some');
        return inner(it, found.val);
      }
      return inner(it, found);
    case 'ok':
    case 'err':
      check(found?.tag === type);
      return inner(it, found.val);
    case 'handle':
      if (!handles.has(it)) {
        check(found !== null && typeof found === 'object');
        handles.set(it, found);
      }
      return check(handles.get(it) === found);
    default:
      return check(found === it);
  }
};

const nameOf = ({ interface: from, resource, name, kind }) =>
  [from, kind === 'constructor' ? null : resource, name].filter(Boolean).join('.');

/** The plugin's calls of host functions, which are answered as in the trace. */
class Asked {
  handles = new Map();
  expected = [];
  difference = null;

  answer(from, kind, resource, name, found, made) {
    try {
      const next = this.expected.shift();
      const told = `${from}.${resource ? `${resource}.` : ''}${name}`;
      const call = next?.call;
      const isIt =
        call &&
        call.interface?.split('@')[0] === from &&
        call.kind === kind &&
        (kind === 'constructor' ? pascal(call.name) === resource : camel(call.name) === name) &&
        (kind === 'freestanding' || pascal(call.resource) === resource);
      if (!isIt) differ(`it called ${told}, but in wasmtime ${call ? nameOf(call) : 'nothing more'}`);
      if (found.length !== next.arguments.length) differ(`${told} has ${found.length} arguments`);
      next.arguments.forEach((value, index) =>
        compare(value, found[index], this.handles, `argument ${index} of ${nameOf(call)}`),
      );
      if (next.answer === null) return undefined;
      if ('trap' in next.answer) throw new Error(next.answer.trap);
      if (made) {
        this.handles.set(next.answer.handle, made);
        return undefined;
      }
      const [[type, it]] = Object.entries(next.answer);
      if (type === 'err') throw Object.assign(new Error('refused'), { payload: it === null ? undefined : toJs(it, this.handles) });
      return type === 'ok' ? (it === null ? undefined : toJs(it, this.handles)) : toJs(next.answer, this.handles);
    } catch (error) {
      if (error instanceof Difference) this.difference ??= error.message;
      throw error;
    }
  }

  /** Returns the interface of this name. Every property is a function, or a class if its name begins with a capital letter. */
  imports(from) {
    const known = new Map();
    const make = (name) => (/^[A-Z]/.test(name) ? this.resource(from, name) : (...found) => this.answer(from, 'freestanding', null, name, found));
    const get = (_, name) => {
      if (typeof name !== 'string') return undefined;
      if (!known.has(name)) known.set(name, make(name));
      return known.get(name);
    };
    return new Proxy({}, { get, has: () => true });
  }

  resource(from, resource) {
    const asked = this;
    const Resource = class {
      constructor(...found) {
        asked.answer(from, 'constructor', resource, resource, found, this);
      }
    };
    // JavaScript looks for `then` on every value, to see whether it is a promise.
    const methods = {
      get: (target, name, receiver) =>
        typeof name !== 'string' || name in target || name === 'then'
          ? Reflect.get(target, name, receiver)
          : (...found) => asked.answer(from, 'method', resource, name, [receiver, ...found]),
    };
    Object.setPrototypeOf(Resource.prototype, new Proxy({}, methods));
    const statics = {
      get: (target, name, receiver) =>
        typeof name !== 'string' || name in target
          ? Reflect.get(target, name, receiver)
          : (...found) => asked.answer(from, 'static', resource, name, found),
    };
    return new Proxy(Resource, statics);
  }
}

const begin = async (loaded, folders) => {
  const [asked, written] = [new Asked(), new Written()];
  const own = loaded.imports.filter((name) => !name.startsWith('wasi:'));
  const imports = { ...loaded.wasi(folders) };
  written.redirect(imports);
  for (const name of own.map(unversioned)) imports[name] = asked.imports(name);
  return { asked, written, exports: await loaded.instantiate(loaded.module, imports) };
};

const call = ({ asked, exports }, step) =>
  called(exports, step.call, step.arguments.map((value) => toJs(value, asked.handles)));

const replayed = async (loaded, { trace, folders }) => {
  let instance = null;
  for (const step of trace) {
    if (step.fresh) {
      instance = null;
      continue;
    }
    instance ??= await begin(loaded, folders);
    const { asked, written } = instance;
    const compareWritten = (where) => {
      const difference = written.difference(step.written);
      if (difference !== null) differ(`${where}: ${difference}`);
    };
    if ('drop' in step) {
      asked.handles.get(step.drop)[dispose]();
      compareWritten(`the end of ${step.drop}`);
      continue;
    }
    const where = nameOf(step.call);
    asked.expected = [...step.asked];
    let outcome;
    try {
      outcome = { returned: await call(instance, step) };
    } catch (error) {
      if (error instanceof Difference) throw error;
      outcome = { thrown: error };
    }
    if (asked.difference) differ(asked.difference);
    if (asked.expected.length > 0 && !(step.answer && 'trap' in step.answer)) differ(`${where}: it did not call ${nameOf(asked.expected[0].call)}`);
    const { thrown } = outcome;
    const isRefused = 'thrown' in outcome && isRefusal(thrown);
    const [type, it] = Object.entries(step.answer ?? { nothing: null })[0];
    if (type === 'trap') {
      if (!('thrown' in outcome) || isRefused) differ(`${where}: it does not trap`);
    } else if (type === 'err') {
      if (!isRefused) differ(`${where}: ${'thrown' in outcome ? `it traps: ${thrown}` : `it returns ${brief(outcome.returned)}`}, but in wasmtime ${brief(step.answer)}`);
      if (it !== null) compare(it, refusal(thrown), asked.handles, `the failure of ${where}`);
    } else {
      if ('thrown' in outcome) differ(`${where}: it ${isRefused ? `fails: ${brief(refusal(thrown))}` : `traps: ${thrown.stack ?? thrown}`}`);
      if (type === 'ok' && it !== null) compare(it, outcome.returned, asked.handles, `the result of ${where}`);
      else if (type !== 'ok' && type !== 'nothing') compare(step.answer, outcome.returned, asked.handles, `the result of ${where}`);
    }
    compareWritten(where);
  }
};

/**
 * Replays a trace with a loaded component. `instantiate` is jco's function, `module` compiles a core module, `imports` are the names
 * of the component's imports, and `wasi` returns the WASI imports for the granted folders.
 */
export const replay = async (loaded, asked) => {
  try {
    await replayed(loaded, asked);
    return { same: true };
  } catch (error) {
    return { difference: error instanceof Difference ? error.message : (error.stack ?? `${error}`) };
  }
};
