// Calls the functions of a plugin of any contract, and shows a transcript as `plugwright call` does.

import { byId, element } from './element.js';
import { logLine } from './output.js';
import { Wrong, valueForm } from './value-form.js';
import { call, layout, visible, written } from './wave.js';

/** The part of the page for plugins of any contract. */
export class Functions {
  #types = null;
  #run;
  #drop;
  #handles = [];
  #answers = new Map();
  #transcript = element('pre', { className: 'transcript', role: 'log', 'aria-label': 'Transcript', tabIndex: 0 });
  #fresh = true;

  /** `run` does a call, with what is called when something happens meanwhile, and `drop` drops a resource. */
  constructor(run, drop) {
    this.#run = run;
    this.#drop = drop;
  }

  /** Shows a form for each function. */
  show(types) {
    this.#types = types;
    this.#handles = [];
    this.#fresh = true;
    this.#transcript.replaceChildren();
    const handles = (resource) => this.#handles.filter((name) => name.startsWith(`${resource}#`));
    const forms = types.exports.flatMap(({ functions }) => functions.map((it) => this.#form(it, handles)));
    byId('calls').replaceChildren(...(forms.length > 0 ? forms : [element('p', { className: 'note' }, 'Nothing of it can be called.')]));
    if (forms.length === 1) forms[0].open = true;
    const asked = types.imports.filter(({ name }) => !name?.startsWith('wasi:') && !name?.startsWith('plugwright:plugin/host'));
    this.#answers = new Map();
    const answers = asked.flatMap(({ functions }) => functions.filter((it) => it.result !== null && it.kind !== 'constructor').map((it) => this.#answer(it, handles)));
    byId('answers').replaceChildren(...answers);
    byId('answers-section').hidden = answers.length === 0;
  }

  /** Shows the transcript as what came out. */
  shown() {
    byId('failure').replaceChildren();
    const again = () => {
      this.#fresh = true;
      this.#handles = [];
      this.#transcript.replaceChildren();
      this.#refill();
    };
    const names = element('div', { id: 'handles', className: 'row' });
    byId('result').replaceChildren(this.#transcript, names, element('p', {}, element('button', { type: 'button', className: 'quiet', onclick: again }, 'Begin anew')));
    this.#refill();
  }

  /** Says that the instance is gone, and with it its resources. */
  ended(why) {
    this.#say('ended', `! ${why}`);
    this.#handles = [];
    this.#fresh = true;
    this.#refill();
  }

  #form(it, handles) {
    const types = this.#types;
    const signature = element('summary', {}, `${it.path}: ${types.signature(it)}`);
    if (!types.canBeCalled(it)) return element('details', {}, signature, element('p', { className: 'note' }, 'It cannot be called here: it has streams, futures or maps, or waits.'));
    const fields = it.parameters.map(([name, type]) => valueForm(types, type, name, handles));
    const error = element('p', { className: 'error', role: 'alert' });
    const press = async () => {
      error.textContent = '';
      byId('calls').querySelectorAll('[aria-invalid]').forEach((field) => field.removeAttribute('aria-invalid'));
      let values, answers;
      try {
        values = fields.map((field) => field.value());
        answers = Array.from(this.#answers, ([path, form]) => [path, form.value()]);
      } catch (wrong) {
        if (!(wrong instanceof Wrong)) throw wrong;
        error.textContent = wrong.message;
        wrong.control.setAttribute('aria-invalid', 'true');
        wrong.control.focus();
        return;
      }
      await this.#call(it, values, answers);
    };
    const button = element('button', { type: 'button', onclick: press }, `Call ${it.name}`);
    return element('details', {}, signature, element('div', { className: 'form' }, ...fields.map(({ node }) => node), error, button));
  }

  #answer(it, handles) {
    const form = valueForm(this.#types, it.result, 'answer', handles);
    this.#answers.set(it.path, form);
    const details = element('details', {}, element('summary', {}, `${it.path}: ${this.#types.signature(it)}`), element('div', { className: 'form' }, form.node));
    details.open = true;
    return details;
  }

  async #call(it, values, answers) {
    const makes = it.result !== null && ['own'].includes(this.#types.type(it.result).kind);
    const own = it.kind === 'method' ? { ...it, parameters: it.parameters.slice(1) } : it;
    const [self, rest] = it.kind === 'method' ? [values[0].handle, values.slice(1)] : [null, values];
    const name = self === null ? it.path : `${self}.${it.name}`;
    this.#say('said', `> ${indented(call(this.#types, own, name, rest))}`);
    const fresh = this.#fresh;
    this.#fresh = false;
    const answer = await this.#run({ path: it.path, values, answers, fresh }, (event) => this.#meanwhile(event));
    if (!answer) return;
    this.#consume(it, values);
    if (answer.trap !== undefined) return this.ended(`trap ${visible(answer.trap)}`);
    if (answer.result === undefined) this.#say('', '<');
    else {
      this.#note(it.result, answer.result);
      this.#say('', `< ${indented(layout(written(this.#types, it.result, answer.result)))}`);
    }
    if (makes || this.#handles.length > 0) this.#refill();
  }

  #meanwhile({ asked, log, written: line, lost }) {
    if (lost) return this.#say('meanwhile', `  … and ${lost} more lines`);
    if (log) return this.#say('meanwhile', `  log ${logLine(log)}`);
    if (line) return this.#say('meanwhile', `  ${line.stream} ${visible(line.text)}`);
    // A line of the log says all of it.
    if (asked.path === 'host.log') return undefined;
    const it = this.#types.imports.flatMap(({ functions }) => functions).find(({ path }) => path === asked.path);
    const after = asked.result === undefined ? [] : [' = ', written(this.#types, it.result, asked.result)];
    const own = it.kind === 'method' ? { ...it, parameters: it.parameters.slice(1) } : it;
    const name = it.kind === 'method' ? `${asked.values[0].handle}.${it.name}` : it.path;
    return this.#say('meanwhile', `  ${indented(call(this.#types, own, name, it.kind === 'method' ? asked.values.slice(1) : asked.values, '', after))}`);
  }

  /** Remembers the resources in a result. */
  #note(reference, value) {
    this.#each(reference, value, 'own', (name) => this.#handles.includes(name) || this.#handles.push(name));
  }

  /** Forgets the resources that went to the plugin. */
  #consume(it, values) {
    it.parameters.forEach(([, type], index) => this.#each(type, values[index], 'own', (name) => this.#forget(name)));
  }

  #forget(name) {
    this.#handles = this.#handles.filter((it) => it !== name);
    this.#refill();
  }

  #each(reference, value, kind, visit) {
    if (reference === null || value === null || value === undefined) return;
    const type = this.#types.type(reference);
    if (type.kind === kind) return void visit(value.handle);
    if (type.kind === 'list' && Array.isArray(value)) value.forEach((it) => this.#each(type.of, it, kind, visit));
    if (type.kind === 'tuple') type.types.forEach((of, index) => this.#each(of, value[index], kind, visit));
    if (type.kind === 'record') type.fields.forEach(([name, of]) => this.#each(of, value[name], kind, visit));
    if (type.kind === 'variant') this.#each(type.cases.find(([name]) => name === value.tag)[1], value.val, kind, visit);
    if (type.kind === 'option') this.#each(type.of, value.some, kind, visit);
    if (type.kind === 'result') this.#each('ok' in value ? type.ok : type.err, value.ok ?? value.err, kind, visit);
  }

  #refill() {
    for (const control of byId('functions').querySelectorAll('[data-handles]')) {
      const { value } = control;
      control.refill();
      if (value) control.value = value;
      if (!control.value) control.selectedIndex = 0;
    }
    const drop = async (name) => {
      this.#say('said', `> drop ${name}`);
      this.#forget(name);
      await this.#drop(name);
    };
    byId('handles')?.replaceChildren(...this.#handles.map((name) => element('button', { type: 'button', className: 'quiet', onclick: () => drop(name) }, `Drop ${name}`)));
  }

  #say(kind, text) {
    this.#transcript.append(element('span', { className: kind }, `${text}\n`));
    this.#transcript.scrollTop = this.#transcript.scrollHeight;
  }
}

const indented = (text) => text.replaceAll('\n', '\n  ');
