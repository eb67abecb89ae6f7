// A form for a value of any WIT type.

import { element, fill, unique } from './element.js';

/** A mistake in the form, with its control. */
export class Wrong extends Error {
  constructor(message, control) {
    super(message);
    this.control = control;
  }
}

/** The least and the greatest value of each integer type. */
const RANGES = {
  u8: [0n, 255n],
  s8: [-128n, 127n],
  u16: [0n, 65535n],
  s16: [-32768n, 32767n],
  u32: [0n, 4294967295n],
  s32: [-2147483648n, 2147483647n],
  u64: [0n, (1n << 64n) - 1n],
  s64: [-(1n << 63n), (1n << 63n) - 1n],
};

const labelled = (label, control, note) => {
  control.id = unique('value');
  return element('div', { className: 'field' }, element('label', { htmlFor: control.id }, label, note ? element('small', {}, ` ${note}`) : null), control);
};

const integer = (label, kind, note) => {
  const [least, most] = RANGES[kind];
  const control = element('input', { type: 'text', inputMode: 'numeric', value: '0', autocomplete: 'off' });
  const value = () => {
    const text = control.value.trim();
    if (!/^[-+]?\d+$/.test(text)) throw new Wrong(`${label} is not a whole number`, control);
    const number = BigInt(text);
    if (number < least || number > most) throw new Wrong(`${label} is not between ${least} and ${most}`, control);
    return kind.endsWith('64') ? number : Number(number);
  };
  return { node: labelled(label, control, note), value };
};

const float = (label, note) => {
  const control = element('input', { type: 'text', inputMode: 'decimal', value: '0', autocomplete: 'off' });
  const value = () => {
    const text = control.value.trim();
    const known = new Map([['nan', NaN], ['inf', Infinity], ['-inf', -Infinity]]);
    if (known.has(text)) return known.get(text);
    if (text === '' || Number.isNaN(Number(text))) throw new Wrong(`${label} is not a number`, control);
    return Number(text);
  };
  return { node: labelled(label, control, note), value };
};

const bytes = (label, note) => {
  const control = element('textarea', { rows: 2, spellcheck: false });
  const file = element('input', { type: 'file', 'aria-label': `a file as ${label}` });
  let read = null;
  file.addEventListener('change', async () => {
    read = file.files[0] ? new Uint8Array(await file.files[0].arrayBuffer()) : null;
    control.disabled = read !== null;
  });
  const node = labelled(label, control, note);
  node.appendChild(file);
  return { node, value: () => read ?? new TextEncoder().encode(control.value) };
};

/** Makes a form with a choice. `make` returns the form for the chosen name, or `null` if it has no value. */
const chosen = (label, names, note, make) => {
  const control = element('select', {}, ...names.map((name) => element('option', {}, name)));
  const place = element('div', { className: 'inner' });
  let inner = null;
  const choose = () => {
    inner = make(control.value);
    fill(place, inner?.node);
  };
  control.addEventListener('change', choose);
  choose();
  const node = labelled(label, control, note);
  node.appendChild(place);
  return { node, name: () => control.value, value: () => (inner ? inner.value() : null) };
};

const fieldset = (label, note, ...children) =>
  element('fieldset', { className: 'field' }, element('legend', {}, label, note ? element('small', {}, ` ${note}`) : null), ...children);

const list = (label, note, make) => {
  const items = element('ol');
  const forms = new Map();
  const add = () => {
    const form = make();
    const remove = () => {
      forms.delete(item);
      item.remove();
      button.focus();
    };
    const item = element('li', {}, form.node, element('button', { type: 'button', className: 'quiet', onclick: remove }, `Remove from ${label}`));
    forms.set(item, form);
    items.appendChild(item);
    return form;
  };
  const button = element('button', { type: 'button', className: 'quiet', onclick: () => add().node.querySelector('input, select, textarea')?.focus() }, `Add to ${label}`);
  const node = fieldset(label, note, items, button);
  return { node, value: () => Array.from(items.children, (it) => forms.get(it).value()) };
};

/** The greatest number of fields of a form, because nested records can have any number. */
const MOST_FIELDS = 500;

/** Counts the fields of a form. */
class Fields {
  #count = 0;

  /** Counts one more field. */
  add() {
    this.#count += 1;
    if (this.#count > MOST_FIELDS) throw new Error(`the form would have more than ${MOST_FIELDS} fields`);
  }
}

/**
 * Makes a form for a value of the type, with its `node` and a function `value`, which throws `Wrong` if the form has a mistake. `handles` returns the names of
 * the existing resources of a kind.
 */
export const valueForm = (types, reference, label, handles, fields = new Fields()) => {
  fields.add();
  const type = types.type(reference);
  const note = types.show(reference);
  const form = (of, label, counted = fields) => valueForm(types, of, label, handles, counted);
  switch (type.kind) {
    case 'bool': {
      const control = element('input', { type: 'checkbox' });
      return { node: labelled(label, control), value: () => control.checked };
    }
    case 'f32':
    case 'f64':
      return float(label, note);
    case 'char': {
      const control = element('input', { type: 'text', value: 'a', autocomplete: 'off' });
      const value = () => {
        if (Array.from(control.value).length !== 1) throw new Wrong(`${label} is not one character`, control);
        return control.value;
      };
      return { node: labelled(label, control, note), value };
    }
    case 'string': {
      const control = element('textarea', { rows: 1, spellcheck: false });
      return { node: labelled(label, control), value: () => control.value.toWellFormed?.() ?? control.value };
    }
    case 'enum': {
      const it = chosen(label, type.cases, note, () => null);
      return { node: it.node, value: it.name };
    }
    case 'variant': {
      const of = (name) => type.cases.find(([known]) => known === name)[1];
      const it = chosen(label, type.cases.map(([name]) => name), note, (name) => (of(name) === null ? null : form(of(name), name)));
      return { node: it.node, value: () => ({ tag: it.name(), val: it.value() }) };
    }
    case 'option': {
      const it = chosen(label, ['none', 'some'], note, (name) => (name === 'none' ? null : form(type.of, label)));
      return { node: it.node, value: () => (it.name() === 'none' ? null : { some: it.value() }) };
    }
    case 'result': {
      const it = chosen(label, ['ok', 'err'], note, (name) => (type[name] === null ? null : form(type[name], name)));
      return { node: it.node, value: () => ({ [it.name()]: it.value() }) };
    }
    case 'list':
      if (types.type(type.of).kind === 'u8') return bytes(label, note);
      return list(label, note, () => form(type.of, `one of ${label}`, new Fields()));
    case 'tuple': {
      const parts = type.types.map((of, index) => form(of, `${label}, ${index + 1} of ${type.types.length}`));
      return { node: fieldset(label, note, ...parts.map((it) => it.node)), value: () => parts.map((it) => it.value()) };
    }
    case 'record': {
      const parts = type.fields.map(([name, of]) => [name, form(of, name)]);
      const value = () => Object.fromEntries(parts.map(([name, it]) => [name, it.value()]));
      return { node: fieldset(label, note, ...parts.map(([, it]) => it.node)), value };
    }
    case 'flags': {
      const boxes = type.flags.map((name) => [name, element('input', { type: 'checkbox' })]);
      const value = () => boxes.filter(([, box]) => box.checked).map(([name]) => name);
      return { node: fieldset(label, note, ...boxes.map(([name, box]) => labelled(name, box))), value };
    }
    case 'own':
    case 'borrow': {
      const control = element('select');
      const refill = () => fill(control, ...handles(type.resource.name).map((name) => element('option', {}, name)));
      control.addEventListener('focus', refill);
      control.refill = refill;
      control.dataset.handles = '';
      refill();
      const value = () => {
        if (!control.value) throw new Wrong(`there is no ${type.resource.name} yet: make one with one of the functions above`, control);
        return { handle: control.value };
      };
      return { node: labelled(label, control, note), value };
    }
    default:
      return integer(label, type.kind, note);
  }
};
