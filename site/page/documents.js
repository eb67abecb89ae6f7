// Runs a document through a plugin: options, input, and what comes out.

import { byId, element, unique } from './element.js';
import { Editor } from './editor.js';
import { OptionsForm } from './options-form.js';
import { bytes, logLine, textOf, time, viewsOf } from './output.js';
import { visible } from './wave.js';

const TYPES = { md: 'text/markdown', markdown: 'text/markdown', txt: 'text/plain', log: 'text/plain', csv: 'text/csv', tsv: 'text/tab-separated-values', html: 'text/html', json: 'application/json', png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp', svg: 'image/svg+xml', xml: 'application/xml', wasm: 'application/wasm' };

const typeOf = (name, said, takes) => {
  const known = TYPES[name.split('.').pop().toLowerCase()] ?? said;
  return known || (takes.find((it) => !it.includes('*')) ?? 'application/octet-stream');
};

/** The part of the page for plugins of documents. */
export class Documents {
  #editor = new Editor(() => {});
  #options = null;
  #description = null;
  #samples = [];
  /** A document that is no text, which is not in the editor. */
  #binary = null;
  /** A document as it came, and the text that the editor made of it, which has other ends of lines and no byte order mark. */
  #original = null;
  #made = [];

  constructor() {
    byId('choose').addEventListener('click', () => byId('file').click());
    byId('file').addEventListener('change', async ({ target }) => {
      if (target.files[0]) await this.take(target.files[0]);
      target.value = '';
    });
    byId('sample').addEventListener('change', ({ target }) => {
      this.#take(this.#samples[target.value] ?? this.#nothing());
    });
    byId('binary').querySelector('button').addEventListener('click', () => this.#show('', null));
  }

  /** Shows the form of a plugin that says this of itself, with examples to choose among. */
  show(description, samples) {
    this.#description = description;
    // An option that there is not has no field, and so cannot be wrong here.
    const keys = new Set(description.options.map(({ key }) => key));
    this.#samples = samples.filter(({ options }) => Object.keys(options).every((key) => keys.has(key)));
    this.#options = new OptionsForm(byId('options'), description.options, () => this.#options.clear());
    byId('types').replaceChildren(...description.takes.filter((it) => !it.includes('*')).map((value) => element('option', { value })));
    const choices = this.#samples.map(({ title }, index) => element('option', { value: index }, title));
    byId('sample').replaceChildren(element('option', { value: '' }, this.#samples.length > 0 ? 'none' : 'there is none'), ...choices);
    byId('sample').disabled = this.#samples.length === 0;
    this.#take(this.#nothing());
    if (this.#samples.length > 0) {
      byId('sample').value = '0';
      this.#take(this.#samples[0]);
    }
  }

  /** What the form has: `options` that are set, and the `input`. */
  get state() {
    const isOriginal = this.#original?.text === this.#editor.text;
    const body = this.#binary ?? (isOriginal ? this.#original.body : new TextEncoder().encode(this.#editor.text));
    return { options: this.#options.settings, input: { name: byId('name').value, mediaType: byId('type').value, body } };
  }

  set state({ options, input }) {
    this.#options.settings = options;
    byId('source').textContent = '';
    if (!input) return;
    byId('name').value = input.name;
    byId('type').value = input.mediaType;
    const text = textOf(input.body);
    this.#show(text ?? '', text === null ? input.body : null);
    this.#original = { text: this.#editor.text, body: input.body };
  }

  /** Takes a file as the input. */
  async take(file) {
    const body = new Uint8Array(await file.arrayBuffer());
    byId('sample').value = '';
    this.state = { options: this.#options.settings, input: { name: file.name, mediaType: typeOf(file.name, file.type, this.#description.takes), body } };
  }

  /** What is called for what is in the form. */
  call() {
    const { options, input } = this.state;
    const settings = Object.entries(options).map(([key, value]) => ({ key, value }));
    const document = { name: input.name, 'media-type': input.mediaType, body: input.body, attributes: [] };
    return { path: 'transform.transform', values: [document, settings], answers: [], fresh: true };
  }

  /** Takes away what came out before. */
  clear() {
    for (const address of this.#made.splice(0)) URL.revokeObjectURL(address);
    this.#editor.clear();
    this.#options.clear();
    byId('failure').replaceChildren();
    byId('result').replaceChildren();
  }

  /** Shows what came out, with what was logged meanwhile, and gives what happened in a few words. */
  tell({ result, trap, milliseconds }, events) {
    const log = logOf(events);
    if (trap !== undefined) {
      byId('failure').replaceChildren(`It trapped: ${visible(trap)}`);
      byId('result').replaceChildren(log);
      return `trapped after ${time(milliseconds)}`;
    }
    if (result.err) {
      this.#fail(result.err);
      byId('result').replaceChildren(log);
      return `refused after ${time(milliseconds)}`;
    }
    const document = result.ok;
    byId('result').replaceChildren(this.#views(document), attributesOf(document), log);
    return `${visible(document['media-type'])}, ${bytes(document.body.length)}, in ${time(milliseconds)}`;
  }

  #nothing() {
    return { options: {}, input: { name: 'document', mediaType: typeOf('', '', this.#description.takes), body: new Uint8Array() } };
  }

  #take(sample) {
    this.state = sample;
    byId('source').textContent = sample.source ? `From ${sample.source}` : '';
  }

  #show(text, binary) {
    this.#binary = binary;
    byId('editor').hidden = binary !== null;
    byId('binary').hidden = binary === null;
    byId('binary').querySelector('span').textContent = binary === null ? '' : `${visible(byId('name').value)}: ${bytes(binary.length)} that are no text.`;
    this.#editor.text = text;
  }

  #fail({ tag, val }) {
    const place = (at) => (at ? `line ${at.line}, column ${at.column}: ` : '');
    switch (tag) {
      case 'invalid-input': {
        const text = `${place(val.at?.some)}${visible(val.message)}`;
        const parts = [text];
        if (val.at && this.#binary === null) {
          const go = this.#editor.mark(val.at.some, text);
          parts.push(element('br'), element('button', { type: 'button', className: 'quiet', onclick: go }, 'Go there'));
        }
        return byId('failure').replaceChildren(...parts);
      }
      case 'bad-option': {
        const text = `${place(val.at?.some)}${visible(val.message)}`;
        this.#options.mark(val.key, text);
        return byId('failure').replaceChildren(`Option ${visible(val.key)}: ${text}`);
      }
      case 'unknown-option':
        return byId('failure').replaceChildren(`It has no option ${visible(val)}.`);
      default:
        return byId('failure').replaceChildren(`The plugin is at fault: ${visible(val)}`);
    }
  }

  #views(document) {
    const views = viewsOf(document, this.#made);
    const tabs = views.map(([name], index) =>
      element('button', { type: 'button', role: 'tab', id: unique('tab'), 'aria-selected': String(index === 0), tabIndex: index === 0 ? 0 : -1 }, name),
    );
    const panels = views.map(([, view], index) => element('div', { role: 'tabpanel', 'aria-labelledby': tabs[index].id, hidden: index !== 0 }, view));
    const choose = (chosen) => {
      tabs.forEach((tab, index) => {
        tab.setAttribute('aria-selected', String(index === chosen));
        tab.tabIndex = index === chosen ? 0 : -1;
        panels[index].hidden = index !== chosen;
      });
    };
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
    const save = element('a', { href: address, download: document.name || 'document' }, `Save ${visible(document.name)}`);
    return element('div', {}, element('div', { role: 'tablist', 'aria-label': 'How it is shown' }, ...tabs), ...panels, element('p', {}, save));
  }
}

const attributesOf = ({ attributes }) => {
  if (attributes.length === 0) return '';
  const rows = attributes.map(({ key, value }) => element('tr', {}, element('th', { scope: 'row' }, visible(key)), element('td', {}, visible(value))));
  return element('div', {}, element('h3', {}, 'Attributes'), element('table', {}, element('tbody', {}, ...rows)));
};

const logOf = (events) => {
  const lines = events.flatMap(({ log, written, lost }) => {
    if (lost) return [['warn', `… and ${lost} more lines`]];
    if (written) return [['info', `${written.stream} ${visible(written.text)}`]];
    return log ? [[log.level, logLine(log)]] : [];
  });
  if (lines.length === 0) return '';
  const items = lines.map(([level, line]) => element('li', { className: level === 'error' ? 'errors' : level }, line));
  return element('div', {}, element('h3', {}, 'Log'), element('ul', { className: 'log' }, ...items));
};
