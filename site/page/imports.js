// What a plugin may call: a log and maps, as its contract has them, and what whoever looks at the page answers. It runs in the worker.

import { WASIShim } from '@bytecodealliance/preview2-shim/instantiation';

import { camel, pascal, unversioned } from '../called.mjs';
import { fromJs, toJs } from './values.js';

/** The interface that Plugwright's own plugins log by. */
const HOST = 'plugwright:plugin/host';

const isHost = (it) => it.interface !== null && unversioned(it.interface) === HOST;

/** Lines that a plugin writes to one of its streams. */
const stream = (name, tell) => {
  const decoder = new TextDecoder();
  let rest = '';
  const told = (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) tell({ written: { stream: name, text: line } });
  };
  const flush = () => {
    if (rest) told('\n');
  };
  return { write: (bytes) => told(decoder.decode(bytes, { stream: true })), flush, blockingFlush: flush, drop: flush };
};

/** WASI without files, variables and a network. */
const wasi = (tell) => {
  const shim = new WASIShim({
    stdout: stream('stdout', tell),
    stderr: stream('stderr', tell),
    sandbox: { preopens: {}, env: {}, args: [], enableNetwork: false },
  });
  const imports = shim.getImportObject();
  const refuse = () => {
    throw { tag: 'HTTP-request-denied' };
  };
  for (const name of Object.keys(imports)) if (name.startsWith('wasi:http/outgoing-handler')) imports[name] = { handle: refuse };
  return imports;
};

/** What the interface `host` does. The others are answered. */
const own = (tell) => {
  const maps = new WeakMap();
  const log = (level, message, fields) => tell({ log: { level, message, fields } });
  return {
    'host.log': (level, message, fields) => log(level, message, fields.map(({ key, value }) => [key, value])),
    'host.log-structured': (message, map) => log('info', message, maps.get(map)),
    'host.map-resource': (entries, map) => void maps.set(map, [...new Map(entries)]),
    'host.map-resource.take': (map) => maps.get(map).splice(0),
    'host.map-resource.length': (map) => maps.get(map).length,
  };
};

/**
 * The imports of a component. `tell` gets what it logs, `{ log }`, writes, `{ written }`, and asks, `{ asked }`; `answers` are values by the paths
 * of functions.
 */
export const importsOf = (types, handles, answers, tell) => {
  const answer = (it, values) => {
    const name = it.path;
    const shown = it.parameters.map(([, type], index) => fromJs(types, type, values[index], handles));
    const known = isHost(it) ? host[name] : undefined;
    const finish = (result) => tell({ asked: { path: name, interface: it.interface, values: shown, result } });
    if (known) {
      const result = known(...values);
      finish(it.result === null || it.kind === 'constructor' ? undefined : fromJs(types, it.result, result, handles));
      return result;
    }
    if (it.result === null) return finish(undefined);
    if (!answers.has(name)) throw new Error(`the plugin called ${name}, and nothing answers`);
    finish(answers.get(name));
    const result = toJs(types, it.result, answers.get(name), handles);
    if (types.type(it.result).kind !== 'result') return result;
    if (result.tag === 'ok') return result.val;
    throw Object.assign(new Error('refused'), { payload: result.val });
  };

  const host = own(tell);
  const imports = wasi(tell);
  for (const { name, functions } of types.imports) {
    if (name?.startsWith('wasi:')) continue;
    const found = new Map();
    for (const it of functions) {
      const call = (...values) => answer(it, values);
      if (it.resource) add(it, call, resourceOf(found, functions, it.resource));
      else found.set(camel(it.name), call);
    }
    if (name === null) for (const [name, it] of found) imports[kebab(functions, name)] = { default: it };
    else imports[unversioned(name)] = Object.fromEntries(found);
  }
  return imports;

  /** The class of the resource, among those of its interface. */
  function resourceOf(found, functions, resource) {
    const name = pascal(resource.name);
    const constructor = functions.find((it) => it.kind === 'constructor' && it.resource.name === resource.name);
    if (!found.has(name)) {
      found.set(name, class {
        constructor(...values) {
          if (constructor) constructed(constructor, this, values);
        }
      });
    }
    return found.get(name);
  }

  function constructed(it, made, values) {
    const shown = it.parameters.map(([, type], index) => fromJs(types, type, values[index], handles));
    if (isHost(it)) host[it.path]?.(...values, made);
    const result = { handle: handles.nameOf(made, it.resource.name) };
    tell({ asked: { path: it.path, interface: it.interface, values: shown, result } });
  }
};

/** Adds a method, which is called of the resource that is its first argument, or a static function. */
const add = (it, call, Resource) => {
  const method = function (...values) {
    return call(this, ...values);
  };
  if (it.kind === 'method') Object.defineProperty(Resource.prototype, camel(it.name), { value: method });
  // A class has a `prototype` of its own, which cannot be replaced.
  else if (it.kind === 'static' && it.name !== 'prototype') Object.defineProperty(Resource, camel(it.name), { value: call, configurable: true });
};

const kebab = (functions, name) => functions.find((it) => camel(it.name) === name)?.name ?? name;
