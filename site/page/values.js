// Converts values between the page's form, which can be sent to a worker, and the form of jco's modules.
//
// In the page's form, a record is an object with names of WIT, a variant is `{ tag, val }`, an enum is its name, flags are a list of names, an option is `null`
// or `{ some }`, a result is `{ ok }` or `{ err }`, an integer of 64 bits is a `BigInt`, bytes are a `Uint8Array`, and a handle is `{ handle: "name#1" }`.

import { camel } from '../called.mjs';

/** The existing resources, by names such as `map-resource#1`. */
export class Handles {
  #objects = new Map();
  #names = new Map();
  #counts = new Map();

  /** Returns the name of a resource. A new resource gets a name. */
  nameOf(object, resource) {
    if (!this.#names.has(object)) {
      const count = (this.#counts.get(resource) ?? 0) + 1;
      this.#counts.set(resource, count);
      this.#names.set(object, `${resource}#${count}`);
      this.#objects.set(`${resource}#${count}`, object);
    }
    return this.#names.get(object);
  }

  /** Returns the resource of this name. */
  get(name) {
    const object = this.#objects.get(name);
    if (!object) throw new Error(`${name} no longer exists`);
    return object;
  }

  /** Forgets a resource that was dropped or given away. */
  forget(name) {
    this.#names.delete(this.#objects.get(name));
    this.#objects.delete(name);
  }
}

/** Converts a value from the page's form to jco's form. */
export const toJs = (types, reference, value, handles) => {
  const type = types.type(reference);
  const inner = (of, value) => (of === null ? undefined : toJs(types, of, value, handles));
  switch (type.kind) {
    case 'list':
      return value instanceof Uint8Array ? value : value.map((it) => inner(type.of, it));
    case 'tuple':
      return type.types.map((of, index) => inner(of, value[index]));
    case 'record':
      return Object.fromEntries(type.fields.map(([name, of]) => [camel(name), inner(of, value[name])]));
    case 'variant':
      return { tag: value.tag, val: inner(type.cases.find(([name]) => name === value.tag)[1], value.val) };
    case 'flags':
      return Object.fromEntries(value.map((name) => [camel(name), true]));
    case 'option': {
      if (!types.isNullable(type.of)) return value === null ? undefined : inner(type.of, value.some);
      return value === null ? { tag: 'none' } : { tag: 'some', val: inner(type.of, value.some) };
    }
    case 'result':
      return 'ok' in value ? { tag: 'ok', val: inner(type.ok, value.ok) } : { tag: 'err', val: inner(type.err, value.err) };
    case 'own':
    case 'borrow': {
      const object = handles.get(value.handle);
      if (type.kind === 'own') handles.forget(value.handle);
      return object;
    }
    default:
      return value;
  }
};

/** Converts a value from jco's form to the page's form. */
export const fromJs = (types, reference, value, handles) => {
  const type = types.type(reference);
  const inner = (of, value) => (of === null ? null : fromJs(types, of, value, handles));
  switch (type.kind) {
    case 'list':
      if (types.type(type.of).kind === 'u8') return new Uint8Array(value);
      return Array.from(value, (it) => inner(type.of, it));
    case 'tuple':
      return type.types.map((of, index) => inner(of, value[index]));
    case 'record':
      return Object.fromEntries(type.fields.map(([name, of]) => [name, inner(of, value[camel(name)])]));
    case 'variant':
      return { tag: value.tag, val: inner(type.cases.find(([name]) => name === value.tag)[1], value.val) };
    case 'flags':
      return type.flags.filter((name) => value[camel(name)]);
    case 'option': {
      if (!types.isNullable(type.of)) return value === undefined || value === null ? null : { some: inner(type.of, value) };
      return value.tag === 'none' ? null : { some: inner(type.of, value.val) };
    }
    case 'result':
      return value.tag === 'ok' ? { ok: inner(type.ok, value.val) } : { err: inner(type.err, value.val) };
    case 'own':
    case 'borrow':
      return { handle: handles.nameOf(value, type.resource.name) };
    default:
      return value;
  }
};
