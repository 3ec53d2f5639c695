import type * as vscode from 'vscode';
import type {
  Answer,
  FileQuestion,
  PickItem,
  PickQuestion,
  StepUi,
  TextQuestion,
} from '../../../../src/extension/encoder/steps';

/** A memento as VS Code keeps it: what is read is a copy of what was written, as JSON. */
export function memento(): vscode.Memento & { readonly written: () => string } {
  const values = new Map<string, string>();
  return {
    keys: () => [...values.keys()],
    get: <Value>(key: string, standard?: Value) => {
      const text = values.get(key);
      return text === undefined ? standard : (JSON.parse(text) as Value);
    },
    update: (key: string, value: unknown) => {
      if (value === undefined) values.delete(key);
      else values.set(key, JSON.stringify(value));
      return Promise.resolve();
    },
    written: () => [...values.values()].join('\n'),
  };
}

export const uriOf = (text: string): vscode.Uri =>
  ({ scheme: text.slice(0, text.indexOf(':')), toString: () => text }) as unknown as vscode.Uri;

/** An answer by the label of a line, or of one of its buttons ("label > tooltip"); "back"; "cancel"; a text; a path. */
export type Reply = string | { readonly text: string } | { readonly path: string };

export interface Asked {
  readonly kind: 'pick' | 'text' | 'file';
  readonly title: string;
  readonly labels: readonly string[];
  readonly step: number;
  readonly canGoBack: boolean;
}

/** A user who answers one question after another. Fails when asked for something that is not there. */
export function scriptedUi(...replies: readonly Reply[]): StepUi & { readonly asked: readonly Asked[] } {
  const asked: Asked[] = [];
  const left = [...replies];
  const next = (): Reply => {
    const reply = left.shift();
    if (reply === undefined) throw new Error(`nobody answers "${asked.map(({ title }) => title).join(' > ')}"`);
    return reply;
  };
  return {
    asked,
    pick: async <Value>(question: PickQuestion<Value>): Promise<Answer<Value>> => {
      const { items, title, place } = question;
      let lines: readonly PickItem<Value>[];
      try {
        lines = typeof items === 'function' ? await items(new AbortController().signal) : items;
      } catch (error) {
        asked.push({ kind: 'pick', title: String(error), labels: [], step: place.number, canGoBack: place.canGoBack });
        return { kind: 'back' };
      }
      const labels = lines.map(({ label }) => label);
      asked.push({ kind: 'pick', title, labels, step: place.number, canGoBack: place.canGoBack });
      const reply = next();
      if (reply === 'back' || reply === 'cancel') return { kind: reply };
      const [label, ...buttons] = (reply as string).split(' > ');
      const line = lines.find((item) => item.label === label && item.value !== undefined);
      const chosen = buttons.length === 0 ? line : line?.buttons?.find(({ tooltip }) => tooltip === buttons[0]);
      if (chosen === undefined) throw new Error(`no "${reply as string}" among ${labels.join(', ')}`);
      return { kind: 'value', value: chosen.value as Value };
    },
    text: ({ title, place, check }: TextQuestion): Promise<Answer<string>> => {
      asked.push({ kind: 'text', title, labels: [], step: place.number, canGoBack: place.canGoBack });
      const reply = next();
      if (reply === 'back' || reply === 'cancel') return Promise.resolve({ kind: reply });
      const { text } = reply as { readonly text: string };
      const problem = check?.(text);
      if (problem?.isWarning === false) throw new Error(`the box refuses "${text}": ${problem.message}`);
      return Promise.resolve({ kind: 'value', value: text.trim() });
    },
    file: ({ title }: FileQuestion): Promise<Answer<string>> => {
      asked.push({ kind: 'file', title, labels: [], step: 0, canGoBack: true });
      const reply = next();
      return Promise.resolve(
        typeof reply === 'object' && 'path' in reply ? { kind: 'value', value: reply.path } : { kind: 'back' },
      );
    },
  };
}
