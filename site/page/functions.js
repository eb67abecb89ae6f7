// Calls the functions of a plugin of any contract, and shows a transcript as `plugwright call` does.

import { byId, element, fill } from './element.js';
import { Wrong, valueForm } from './value-form.js';

/** The greatest number of functions and of resources that are listed. */
const MOST = 500;

/** The greatest number of lines that a transcript keeps. */
const MOST_LINES = 5000;

/** The part of the page for plugins of any contract. */
export class Functions {
  #types = null;
  #run;
  #drop;
  #handles = [];
  #answers = new Map();
  #transcript = element('pre', { className: 'transcript', role: 'log', 'aria-label': 'Transcript', tabIndex: 0 });
  #fresh = true;

  /** `run` makes a call, and `drop` drops a resource. Both get a function for lines about what happens meanwhile, and a function for the answer. */
  constructor(run, drop) {
    this.#run = run;
    this.#drop = drop;
  }

  /** Shows a form for each function. */
  show(types) {
    this.#types = types;
    this.#begin();
    const all = types.exports.flatMap(({ functions }) => functions);
    const forms = all.slice(0, MOST).map((it) => this.#form(it));
    if (all.length === 0) forms.push(element('p', { className: 'note' }, 'The plugin exports no functions.'));
    if (all.length > MOST) forms.push(element('p', { className: 'note' }, `… and ${all.length - MOST} more.`));
    fill(byId('calls'), ...forms);
    if (all.length === 1) forms[0].open = true;
    const isAnswered = ({ name }) => !name?.startsWith('wasi:') && !name?.startsWith('plugwright:plugin/host');
    const asked = types.imports.filter(isAnswered).flatMap(({ functions }) => functions);
    const answered = asked.filter((it) => it.result !== null && it.kind !== 'constructor').slice(0, MOST);
    this.#answers = new Map();
    const answers = answered.map((it) => this.#answer(it));
    fill(byId('answers'), ...answers);
    byId('answers-section').hidden = answers.length === 0;
  }

  /** Shows the transcript as the result. */
  shown() {
    fill(byId('failure'));
    const again = element('button', { type: 'button', className: 'quiet', onclick: () => this.#begin() }, 'Start over');
    fill(byId('result'), this.#transcript, element('div', { id: 'handles', className: 'row' }), element('p', {}, again));
    this.#hold(this.#handles);
  }

  /** Reports that the instance has ended, and its resources with it. */
  ended(why) {
    this.#say('ended', `! ${why}`);
    this.#fresh = true;
    this.#hold([]);
  }

  /** Reports that a new instance replaces the one whose resources are shown. */
  forget() {
    if (!this.#fresh) this.ended('the plugin was run with a document, in a new instance');
  }

  #begin() {
    this.#fresh = true;
    fill(this.#transcript);
    this.#hold([]);
  }

  #names(resource) {
    return this.#handles.filter((name) => name.startsWith(`${resource}#`));
  }

  #valueForm(type, name) {
    return valueForm(this.#types, type, name, (resource) => this.#names(resource));
  }

  /** Makes an element that unfolds to a form. The form is made when it is unfolded first. */
  #folded(it, make) {
    const place = element('div', { className: 'form' });
    const details = element('details', {}, element('summary', {}, `${it.path}: ${this.#types.signature(it)}`), place);
    const unfold = () => {
      if (!details.open || place.childNodes.length > 0) return;
      try {
        fill(place, ...make());
      } catch (error) {
        fill(place, element('p', { className: 'error' }, error.message));
      }
    };
    details.addEventListener('toggle', unfold);
    return details;
  }

  #form(it) {
    return this.#folded(it, () => {
      if (!this.#types.canBeCalled(it)) return [element('p', { className: 'note' }, 'It cannot be called here, because it is async, or has streams, futures or maps.')];
      const fields = it.parameters.map(([name, type]) => this.#valueForm(type, name));
      const error = element('p', { className: 'error', role: 'alert' });
      const button = element('button', { type: 'button', onclick: () => this.#press(it, fields, error) }, `Call ${it.name}`);
      button.dataset.call = '';
      return [...fields.map(({ node }) => node), error, button];
    });
  }

  #answer(it) {
    const details = this.#folded(it, () => {
      const form = this.#valueForm(it.result, 'answer');
      this.#answers.set(it.path, form);
      return [form.node];
    });
    details.open = true;
    return details;
  }

  async #press(it, fields, error) {
    fill(error);
    byId('functions').querySelectorAll('[aria-invalid]').forEach((field) => field.removeAttribute('aria-invalid'));
    let call;
    try {
      call = { path: it.path, values: fields.map((field) => field.value()), answers: Array.from(this.#answers, ([path, form]) => [path, form.value()]), as: 'text' };
    } catch (wrong) {
      if (!(wrong instanceof Wrong)) throw wrong;
      fill(error, wrong.message);
      wrong.control.setAttribute('aria-invalid', 'true');
      return wrong.control.focus();
    }
    const fresh = this.#fresh;
    this.#fresh = false;
    return this.#run({ ...call, fresh }, (line) => this.#meanwhile(line), (answer) => this.#tell(answer));
  }

  #tell({ text, trap, held }) {
    if (trap !== undefined) return this.ended(`trap ${trap}`);
    this.#say('', text === '' ? '<' : `< ${indented(text)}`);
    return this.#hold(held);
  }

  #meanwhile({ kind, path, text }) {
    if (kind === 'said') return this.#say('said', `> ${indented(text)}`);
    // The log line shows the call already.
    if (path === 'host.log') return undefined;
    return this.#say('meanwhile', `  ${kind === 'log' ? 'log ' : ''}${indented(text)}`);
  }

  /** Shows the existing resources. */
  #hold(handles) {
    this.#handles = handles.slice(0, MOST).map(String);
    for (const control of byId('functions').querySelectorAll('[data-handles]')) {
      const { value } = control;
      control.refill();
      control.value = value;
      if (!control.value) control.selectedIndex = 0;
    }
    const drop = (name) => {
      this.#say('said', `> drop ${name}`);
      return this.#drop(name, (line) => this.#meanwhile(line), ({ held }) => this.#hold(held));
    };
    if (!byId('handles')) return;
    fill(byId('handles'), ...this.#handles.map((name) => element('button', { type: 'button', className: 'quiet', onclick: () => drop(name) }, `Drop ${name}`)));
  }

  #say(kind, text) {
    if (this.#transcript.childNodes.length >= MOST_LINES) this.#transcript.firstChild.remove();
    this.#transcript.appendChild(element('span', { className: kind }, `${text}\n`));
    this.#transcript.scrollTop = this.#transcript.scrollHeight;
  }
}

const indented = (text) => text.replaceAll('\n', '\n  ');
