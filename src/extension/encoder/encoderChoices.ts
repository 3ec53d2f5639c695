import type * as vscode from 'vscode';
import type { EncoderChoice } from '../../core/protocol/engineProtocol';
import { IsoscopeError } from '../../core/protocol/errors';
import type { L10n } from '../l10n';
import { encoderKey, isAddress, omit, readStoredChoice, withoutKey } from './storedChoice';

/** An encoder that was used, on this machine. */
export interface RecentEncoder {
  readonly choice: EncoderChoice;
  /** of its vectors, once they were seen */
  readonly dimension: number | null;
}

export interface ChoiceMemories {
  /** of this workspace: the choice of each file */
  readonly workspace: vscode.Memento;
  /** of this machine: what was used last */
  readonly machine: vscode.Memento;
}

export interface ChoiceRules {
  /** the encoder that the settings name for a document; may throw */
  readonly settingOf: (uri: vscode.Uri) => { readonly choice: EncoderChoice; readonly isFromWorkspace: boolean };
  /** Throws for a choice that must not be opened in this window. */
  readonly admit: (choice: EncoderChoice) => EncoderChoice;
  readonly l10n: L10n;
}

const FILES = 'isoscope.encoderOfFile';
const CONFIRMED = 'isoscope.confirmedEndpoints';
const RECENT = 'isoscope.recentEncoders';
/** The oldest choices go first: nobody misses them, and the memory is read whole at every start. */
const MAX_FILES = 300;
const MAX_RECENT = 10;

/**
 * Which encoder each document is read with: what the user chose for it, else what the settings say. Choices for files outlive the window; those for unsaved documents end with them.
 * Keys are never written down.
 */
export class EncoderChoices {
  readonly #memories: ChoiceMemories;
  readonly #rules: ChoiceRules;
  /** of untitled documents, whose names come again for other texts */
  readonly #passing = new Map<string, EncoderChoice>();

  constructor(memories: ChoiceMemories, rules: ChoiceRules) {
    this.#memories = memories;
    this.#rules = rules;
  }

  /**
   * The encoder of a document.
   * @throws IsoscopeError where what the settings say cannot be used, the workspace is not trusted with it, or only the workspace's settings have named an endpoint so far
   */
  encoderOf(uri: vscode.Uri): EncoderChoice {
    const chosen = this.chosenFor(uri);
    if (chosen !== undefined) return this.#rules.admit(chosen);
    const { choice } = this.#rules.settingOf(uri);
    if (!this.isConfirmed(uri)) {
      throw new IsoscopeError(
        'encoder',
        this.#rules.l10n.t(
          'The settings of this workspace name the endpoint {0}: no text is sent to it before you choose it yourself.',
          choice.encoder,
        ),
      );
    }
    return this.#rules.admit(choice);
  }

  /** What the user chose for a document; `undefined` when the settings count. */
  chosenFor(uri: vscode.Uri): EncoderChoice | undefined {
    const key = uri.toString();
    return this.#passing.get(key) ?? readStoredChoice(this.#files()[key]);
  }

  /** What the settings say for a document, confirmed or not. @throws IsoscopeError where it cannot be used */
  defaultOf(uri: vscode.Uri): EncoderChoice {
    return this.#rules.settingOf(uri).choice;
  }

  /** Whether text may go where the settings say: an address that a workspace brings along is not the user's choice yet. */
  isConfirmed(uri: vscode.Uri): boolean {
    const { choice, isFromWorkspace } = this.#rules.settingOf(uri);
    return !isFromWorkspace || !isAddress(choice.encoder) || this.#confirmed().includes(choice.encoder);
  }

  /** @param choice `undefined`: the settings again */
  async choose(uri: vscode.Uri, choice: EncoderChoice | undefined): Promise<void> {
    await this.#keepChoice(uri, choice);
    // Choosing is saying that the text may go there.
    await this.#confirm((choice ?? this.defaultOf(uri)).encoder);
  }

  async #keepChoice(uri: vscode.Uri, choice: EncoderChoice | undefined): Promise<void> {
    const key = uri.toString();
    this.#passing.delete(key);
    if (uri.scheme === 'untitled') {
      if (choice !== undefined) this.#passing.set(key, withoutKey(choice));
      return;
    }
    const others = omit(this.#files(), key);
    // Put in last: the first ones are the oldest.
    const files = choice === undefined ? others : { ...others, [key]: withoutKey(choice) };
    await this.#memories.workspace.update(FILES, Object.fromEntries(Object.entries(files).slice(-MAX_FILES)));
  }

  /** A file has another name now, or an unsaved document became a file: its choice goes with it. */
  async rename(from: vscode.Uri, to: vscode.Uri): Promise<void> {
    const choice = this.chosenFor(from);
    if (choice === undefined) return;
    await this.#keepChoice(from, undefined);
    await this.#keepChoice(to, choice);
  }

  /** A document is closed: an untitled one is gone for good. */
  close(uri: vscode.Uri): void {
    this.#passing.delete(uri.toString());
  }

  /** Newest first. */
  get recent(): readonly RecentEncoder[] {
    const stored = this.#memories.machine.get<unknown>(RECENT);
    return (Array.isArray(stored) ? (stored as readonly unknown[]) : []).flatMap((entry) => {
      const { choice, dimension } = (entry ?? {}) as { readonly choice?: unknown; readonly dimension?: unknown };
      const read = readStoredChoice(choice);
      return read === undefined ? [] : [{ choice: read, dimension: typeof dimension === 'number' ? dimension : null }];
    });
  }

  /** An encoder was used, in this way. */
  async noteUse(choice: EncoderChoice, dimension: number | null): Promise<void> {
    const used: RecentEncoder = { choice: withoutKey(choice), dimension };
    const [first] = this.recent;
    if (JSON.stringify(first) === JSON.stringify(used)) return;
    await this.#keep([used, ...this.#others(choice)]);
  }

  /** Takes an encoder off the list, in all the ways it was used. */
  async forgetUse(choice: EncoderChoice): Promise<void> {
    await this.#keep(this.#others(choice));
  }

  async #confirm(encoder: string): Promise<void> {
    const confirmed = this.#confirmed();
    if (!isAddress(encoder) || confirmed.includes(encoder)) return;
    await this.#memories.machine.update(CONFIRMED, [...confirmed, encoder]);
  }

  #confirmed(): readonly string[] {
    return this.#memories.machine.get<readonly string[]>(CONFIRMED, []);
  }

  #others(choice: EncoderChoice): readonly RecentEncoder[] {
    return this.recent.filter((recent) => encoderKey(recent.choice) !== encoderKey(choice));
  }

  async #keep(recent: readonly RecentEncoder[]): Promise<void> {
    await this.#memories.machine.update(RECENT, recent.slice(0, MAX_RECENT));
  }

  #files(): Readonly<Record<string, unknown>> {
    return this.#memories.workspace.get<Readonly<Record<string, unknown>>>(FILES, {});
  }
}
