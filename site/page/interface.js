// The exports and imports of a component, from the JSON of `wasm-tools component wit --json`.

import { unversioned } from '../called.mjs';

/** The interface of a component. */
export class Interface {
  #resolve;

  constructor(resolve) {
    this.#resolve = resolve;
    const world = resolve.worlds.find((it) => it.name === 'root') ?? resolve.worlds[0];
    /** The exported interfaces. */
    this.exports = this.#items(world.exports);
    /** The imported interfaces. */
    this.imports = this.#items(world.imports);
  }

  /** Returns the exported interface of this name in any version, such as `plugwright:plugin/transform`. */
  exported(name) {
    return this.exports.find((it) => it.name && unversioned(it.name) === name);
  }

  /** Returns the type of a reference, as an object with its `kind` and with references to inner types. */
  type(reference) {
    if (typeof reference === 'string') return { kind: reference };
    const { name, kind: it } = this.#resolve.types[reference];
    if (it === 'resource') return { kind: 'resource', id: reference, name };
    const [[kind, inner]] = Object.entries(it);
    switch (kind) {
      case 'type':
        return this.type(inner);
      case 'record':
        return { kind, fields: inner.fields.map(({ name, type }) => [name, type]) };
      case 'variant':
        return { kind, cases: inner.cases.map(({ name, type }) => [name, type ?? null]) };
      case 'enum':
        return { kind, cases: inner.cases.map(({ name }) => name) };
      case 'flags':
        return { kind, flags: inner.flags.map(({ name }) => name) };
      case 'tuple':
        return { kind, types: inner.types };
      case 'result':
        return { kind, ok: inner.ok ?? null, err: inner.err ?? null };
      case 'list':
      case 'option':
        return { kind, of: inner };
      case 'handle': {
        const [[own, id]] = Object.entries(inner);
        return { kind: own, resource: this.type(id) };
      }
      default:
        return { kind: 'other', name: kind };
    }
  }

  /** Returns whether an option of this type is nested, as in `option<option<u8>>`, so that its cases need tags. */
  isNullable(reference) {
    return this.type(reference).kind === 'option';
  }

  /** Returns the type in WIT. */
  show(reference) {
    const type = this.type(reference);
    const named = typeof reference === 'number' && this.#resolve.types[reference].name;
    if (named) return named;
    const all = (references) => references.map((it) => this.show(it)).join(', ');
    switch (type.kind) {
      case 'tuple':
        return `tuple<${all(type.types)}>`;
      case 'list':
      case 'option':
        return `${type.kind}<${this.show(type.of)}>`;
      case 'result': {
        if (type.err === null) return type.ok === null ? 'result' : `result<${this.show(type.ok)}>`;
        return `result<${type.ok === null ? '_' : this.show(type.ok)}, ${this.show(type.err)}>`;
      }
      case 'own':
        return type.resource.name;
      case 'borrow':
        return `borrow<${type.resource.name}>`;
      case 'other':
        return type.name;
      default:
        return type.kind;
    }
  }

  /** Returns the function in WIT, without its name. */
  signature(it) {
    const parameters = it.parameters.map(([name, type]) => `${name}: ${this.show(type)}`);
    const result = it.result === null || it.kind === 'constructor' ? '' : ` -> ${this.show(it.result)}`;
    return `${it.kind === 'static' ? 'static ' : ''}func(${parameters.join(', ')})${result}`;
  }

  /** Returns whether the page can call the function. It has no values for streams and futures, and cannot call async functions. */
  canBeCalled(it) {
    const known = (reference) => {
      if (reference === null) return true;
      const type = this.type(reference);
      const inner = [type.of, type.ok, type.err, ...(type.types ?? [])].filter((it) => it !== undefined);
      const named = [...(type.fields ?? []), ...(type.kind === 'variant' ? type.cases : [])].map(([, it]) => it);
      return type.kind !== 'other' && [...inner, ...named].every(known);
    };
    return !it.waits && [...it.parameters.map(([, type]) => type), it.result].every(known);
  }

  #items(items) {
    const alone = { name: null, functions: [] };
    const all = [];
    for (const [name, item] of Object.entries(items)) {
      if (item.function) alone.functions.push(this.#function(null, null, item.function));
      if (item.interface) all.push(this.#interface(name, this.#resolve.interfaces[item.interface.id]));
    }
    return alone.functions.length > 0 ? [alone, ...all] : all;
  }

  #interface(key, { name: short, functions, package: of }) {
    const [name, version] = (this.#resolve.packages[of]?.name ?? '').split('@');
    const whole = short ? `${name}/${short}${version ? `@${version}` : ''}` : key;
    return { name: whole, functions: Object.values(functions).map((it) => this.#function(whole, short ?? key, it)) };
  }

  /** Makes a function. `parameters` are names with types, and `path` is the name in calls. */
  #function(from, short, { name, kind: it, params, result }) {
    const [[kind, of]] = typeof it === 'string' ? [[it, null]] : Object.entries(it);
    const resource = of === null ? null : this.type(of);
    const own = name.replace(/^\[.*\]/, '').replace(/^.*\./, '');
    const path = [short, kind === 'constructor' ? null : resource?.name, own].filter(Boolean).join('.');
    return {
      interface: from,
      kind: kind.replace(/^async-/, ''),
      waits: kind.startsWith('async'),
      resource,
      name: own,
      path,
      parameters: params.map(({ name, type }) => [name, type]),
      result: result ?? null,
    };
  }
}
