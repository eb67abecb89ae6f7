// Runs a document through a plugin: options, input and output.

import { byId, element, fill, unique } from './element.js';
import { Editor } from './editor.js';
import { OptionsForm } from './options-form.js';
import { bytes, textOf, time, viewsOf } from './output.js';
import types from './media-types.json';
import { visible } from './wave.js';

/** The longest document that is shown in the editor, in bytes. */
const MOST_TYPED = 1 << 20;

const TYPES = new Map(Object.entries(types));

const typeOf = (name, said, takes) => {
  const known = TYPES.get(name.split('.').pop().toLowerCase()) ?? said;
  return known || (takes.find((it) => !it.includes('*')) ?? 'application/octet-stream');
};

/** The part of the page for plugins of documents. */
export class Documents {
  #editor = new Editor();
  #options = null;
  #description = null;
  #samples = [];
  /** A document that is not in the editor, because it is not text or too long. */
  #aside = null;
  /** The original document with the editor's text of it, which has other line ends and no byte order mark. */
  #original = null;
  #made = [];

  constructor() {
    byId('choose').addEventListener('click', () => byId('file').click());
    byId('file').addEventListener('change', async ({ target }) => {
      if (target.files[0]) await this.take(target.files[0]);
      target.value = '';
    });
    byId('sample').addEventListener('change', ({ target }) => {
      this.clear();
      this.#take(this.#samples[target.value] ?? this.#nothing());
    });
    byId('binary').querySelector('button').addEventListener('click', () => {
      this.#show('', null);
      this.#original = null;
      byId('body').focus();
    });
  }

  /** Shows the form of a plugin with this description, and its examples. */
  show(description, samples) {
    this.#description = description;
    this.#options = new OptionsForm(byId('options'), description.options, () => this.#options.clear());
    // An unknown option has no field in the form, so examples with one cannot be shown.
    this.#samples = samples.filter(({ options }) => Object.keys(options).every((key) => this.#options.has(key)));
    fill(byId('types'), ...description.takes.filter((it) => !it.includes('*')).map((value) => element('option', { value })));
    const choices = this.#samples.map(({ title }, index) => element('option', { value: index }, title));
    fill(byId('sample'), element('option', { value: '' }, this.#samples.length > 0 ? 'none' : 'no examples'), ...choices);
    byId('sample').disabled = this.#samples.length === 0;
    this.#take(this.#nothing());
    if (this.#samples.length > 0) {
      byId('sample').value = '0';
      this.#take(this.#samples[0]);
    }
  }

  /** Returns the names of unknown options. */
  unknown(options) {
    return Object.keys(options).filter((key) => !this.#options.has(key));
  }

  /** The state of the form: the `options` that are set, and the `input`. */
  get state() {
    const isOriginal = this.#original?.text === this.#editor.text;
    const body = this.#aside ?? (isOriginal ? this.#original.body : new TextEncoder().encode(this.#editor.text));
    return { options: this.#options.settings, input: { name: byId('name').value, mediaType: byId('type').value, body } };
  }

  set state({ options, input }) {
    this.#options.settings = options;
    fill(byId('source'));
    if (!input) return;
    byId('name').value = input.name;
    byId('type').value = input.mediaType;
    const text = input.body.length > MOST_TYPED ? null : textOf(input.body);
    this.#show(text ?? '', text === null ? input.body : null);
    this.#original = { text: this.#editor.text, body: input.body };
  }

  /** Takes a file as the input. */
  async take(file) {
    const body = new Uint8Array(await file.arrayBuffer());
    byId('sample').value = '';
    this.clear();
    this.state = { options: this.#options.settings, input: { name: file.name, mediaType: typeOf(file.name, file.type, this.#description.takes), body } };
  }

  /** Returns the call for the state of the form. */
  call() {
    const { options, input } = this.state;
    const settings = Object.entries(options).map(([key, value]) => ({ key, value }));
    const document = { name: input.name, 'media-type': input.mediaType, body: input.body, attributes: [] };
    return { path: 'transform.transform', values: [document, settings], answers: [], fresh: true, as: 'document' };
  }

  /** Removes the previous output. */
  clear() {
    for (const address of this.#made.splice(0)) URL.revokeObjectURL(address);
    this.#editor.clear();
    this.#options?.clear();
    fill(byId('failure'));
    fill(byId('result'));
  }

  /** Shows the output and the log lines, and returns what happened in a few words. */
  tell({ document, failure, trap, milliseconds }, lines) {
    const log = logOf(lines);
    if (trap !== undefined) {
      fill(byId('failure'), `The plugin trapped: ${trap}`);
      fill(byId('result'), log);
      return `trapped after ${time(milliseconds)}`;
    }
    if (failure) {
      this.#fail(failure);
      fill(byId('result'), log);
      return `refused after ${time(milliseconds)}`;
    }
    fill(byId('result'), this.#views(document), attributesOf(document), log);
    return `${document.mediaType}, ${bytes(document.body.length)}, in ${time(milliseconds)}`;
  }

  #nothing() {
    return { options: {}, input: { name: 'document', mediaType: typeOf('', '', this.#description.takes), body: new Uint8Array() } };
  }

  #take(sample) {
    this.state = sample;
    fill(byId('source'), sample.source ? `From ${sample.source}` : null);
  }

  #show(text, binary) {
    this.#aside = binary;
    byId('editor').hidden = binary !== null;
    byId('binary').hidden = binary === null;
    const why = binary?.length > MOST_TYPED ? 'too long for the editor' : 'not text';
    fill(byId('binary').querySelector('span'), binary === null ? null : `${byId('name').value}: ${bytes(binary.length)}, ${why}.`);
    this.#editor.text = text;
  }

  #fail({ tag, key, message, at }) {
    const text = `${at ? `line ${at.line}, column ${at.column}: ` : ''}${message}`;
    switch (tag) {
      case 'invalid-input': {
        if (!at || this.#aside !== null) return fill(byId('failure'), text);
        const go = this.#editor.mark(at, text);
        return fill(byId('failure'), text, element('br'), element('button', { type: 'button', className: 'quiet', onclick: go }, 'Go there'));
      }
      case 'bad-option':
        this.#options.mark(key, text);
        return fill(byId('failure'), `Option ${key}: ${text}`);
      case 'unknown-option':
        return fill(byId('failure'), `It has no option ${text}.`);
      default:
        return fill(byId('failure'), `The plugin is at fault: ${text}`);
    }
  }

  #views(document) {
    const views = viewsOf(document);
    const tabs = views.map(([name], index) =>
      element('button', { type: 'button', role: 'tab', id: unique('tab'), 'aria-selected': String(index === 0), tabIndex: index === 0 ? 0 : -1 }, name),
    );
    const panels = tabs.map((tab) => element('div', { role: 'tabpanel', 'aria-labelledby': tab.id }));
    const choose = (chosen) => {
      tabs.forEach((tab, index) => {
        tab.setAttribute('aria-selected', String(index === chosen));
        tab.tabIndex = index === chosen ? 0 : -1;
        panels[index].hidden = index !== chosen;
      });
      const [, make] = views[chosen];
      if (panels[chosen].childNodes.length === 0) fill(panels[chosen], make());
    };
    choose(0);
    tabs.forEach((tab, index) => {
      tab.setAttribute('aria-controls', (panels[index].id = unique('panel')));
      tab.addEventListener('click', () => choose(index));
      tab.addEventListener('keydown', ({ key }) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
        if (!step) return;
        const next = (index + step + tabs.length) % tabs.length;
        choose(next);
        tabs[next].focus();
      });
    });
    const address = URL.createObjectURL(new Blob([document.body], { type: 'application/octet-stream' }));
    this.#made.push(address);
    const save = element('a', { href: address, download: visible(document.name) || 'document' }, `Save ${document.name}`);
    return element('div', {}, element('div', { role: 'tablist', 'aria-label': 'Views' }, ...tabs), ...panels, element('p', {}, save));
  }
}

/** The greatest number of attributes that are shown. */
const MOST = 500;

const attributesOf = ({ attributes: { shown, more } }) => {
  if (shown.length === 0) return null;
  const rows = shown.slice(0, MOST).map(([key, value]) => element('tr', {}, element('th', { scope: 'row' }, key), element('td', {}, value)));
  const note = more > 0 ? element('p', { className: 'note' }, `… and ${more} more`) : null;
  return element('div', {}, element('h3', {}, 'Attributes'), element('table', {}, element('tbody', {}, ...rows)), note);
};

/** The CSS class of a log line, by its level. */
const LOOKS = new Map([['warn', 'warn'], ['error', 'errors']]);

const logOf = (lines) => {
  const items = lines.filter(({ kind }) => kind !== 'asked').map(({ level, text }) => element('li', { className: LOOKS.get(level) ?? '' }, text));
  return items.length > 0 ? element('div', {}, element('h3', {}, 'Log'), element('ul', { className: 'log' }, ...items)) : null;
};
