// A form for the options of a plugin, made from its description.

import { element, fill, unique } from './element.js';

/** Returns the words in backticks in an option's help, which are usually its values. */
const wordsOf = ({ default: preset, help }) => {
  const words = [...help.matchAll(/`([a-z0-9-]+)`/g)].map(([, word]) => word);
  const chosen = [...new Set(words)].slice(0, 20);
  return chosen.length > 1 && chosen.includes(preset) ? chosen : [];
};

const controlOf = ({ default: preset, help }) => {
  if (preset === 'true' || preset === 'false') {
    const control = element('input', { type: 'checkbox', checked: preset === 'true' });
    return { control, get: () => String(control.checked), set: (text) => (control.checked = text === 'true') };
  }
  const words = wordsOf({ default: preset, help });
  const control = element('textarea', { rows: 1, value: preset, spellcheck: false, autocapitalize: 'off' });
  const choices = words.length > 0 ? element('datalist', { id: unique('words') }, ...words.map((word) => element('option', { value: word }))) : null;
  if (!choices) return { control, get: () => control.value, set: (text) => (control.value = text) };
  // The words are only suggestions, and other values can be typed, because the help is written for people.
  const input = element('input', { type: 'text', value: preset, list: choices.id, autocapitalize: 'off', spellcheck: false, autocomplete: 'off' });
  return { control: input, choices, get: () => input.value, set: (text) => (input.value = text) };
};

/** The greatest number of options that get a field. */
const MOST = 500;

/** A form for the options. `changed` is called when an option changes. */
export class OptionsForm {
  #fields = new Map();

  constructor(place, { shown, more }, changed) {
    const nodes = shown.slice(0, MOST).map((option) => this.#field(option, changed));
    if (nodes.length === 0) nodes.push(element('p', { className: 'note' }, 'None.'));
    if (more > 0) nodes.push(element('p', { className: 'note' }, `… and ${more} more, which cannot be set here.`));
    fill(place, ...nodes);
  }

  /** Returns whether there is an option of this name. */
  has(key) {
    return this.#fields.has(key);
  }

  /** The options that differ from their defaults. */
  get settings() {
    const all = Array.from(this.#fields, ([key, { get, preset }]) => [key, get(), preset]);
    return Object.fromEntries(all.filter(([, value, preset]) => value !== preset).map(([key, value]) => [key, value]));
  }

  /** Sets options, and resets all others to their defaults. Unknown names are ignored. */
  set settings(settings) {
    for (const { set, preset } of this.#fields.values()) set(preset);
    for (const [key, value] of Object.entries(settings)) this.#fields.get(key)?.set(value);
  }

  /** Marks the option as wrong, with the reason. */
  mark(key, message) {
    const field = this.#fields.get(key);
    if (!field) return false;
    field.control.setAttribute('aria-invalid', 'true');
    fill(field.error, message);
    field.control.focus();
    return true;
  }

  /** Takes marks away. */
  clear() {
    for (const { control, error } of this.#fields.values()) {
      control.removeAttribute('aria-invalid');
      fill(error);
    }
  }

  #field(option, changed) {
    const { control, choices, get, set } = controlOf(option);
    control.id = unique('option');
    const [help, error] = [unique('help'), unique('error')];
    control.setAttribute('aria-describedby', `${help} ${error}`);
    control.addEventListener('change', changed);
    const told = element('p', { id: error, className: 'error' });
    this.#fields.set(option.key, { control, error: told, get, set, preset: option.default });
    const label = element('label', { htmlFor: control.id }, option.key);
    return element('div', { className: 'field' }, label, control, choices ?? null, element('p', { id: help, className: 'note' }, ...coded(option.help)), told);
  }
}

/** The text with what stands between backticks as code, the first twenty of it. */
const coded = (text) => {
  const parts = text.split('`');
  return [...parts.slice(0, 41), parts.slice(41).join('')].map((part, index) => (index % 2 === 1 ? element('code', {}, part) : part));
};
