/** One question of several, with a way back. Steps are functions that hold what was answered before; they know nothing of VS Code. */
export type Step<Result> = (place: StepPlace) => Promise<Move<Result>>;

export interface StepPlace {
  /** from 1, counting the questions that were answered on the way here */
  readonly number: number;
  readonly canGoBack: boolean;
}

/** What comes after a step. */
export type Move<Result> =
  /** @property isPassing the step has asked nothing that one would go back to */
  | { readonly kind: 'next'; readonly step: Step<Result>; readonly isPassing?: boolean }
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'back' }
  | { readonly kind: 'cancel' };

export const next = <Result>(step: Step<Result>): Move<Result> => ({ kind: 'next', step });
/** Goes on without leaving the present step to come back to. */
export const pass = <Result>(step: Step<Result>): Move<Result> => ({ kind: 'next', step, isPassing: true });
export const done = <Result>(result: Result): Move<Result> => ({ kind: 'done', result });

/** Walks the steps. @returns `undefined` when the user went away */
export async function runSteps<Result>(first: Step<Result>): Promise<Result | undefined> {
  const history: Step<Result>[] = [];
  for (let step = first; ;) {
    const move = await step({ number: history.length + 1, canGoBack: history.length > 0 });
    switch (move.kind) {
      case 'done':
        return move.result;
      case 'cancel':
        return undefined;
      case 'back': {
        const previous = history.pop();
        if (previous === undefined) return undefined;
        step = previous;
        break;
      }
      case 'next':
        if (move.isPassing !== true) history.push(step);
        step = move.step;
    }
  }
}

/** The answer to a question. */
export type Answer<Value> =
  { readonly kind: 'value'; readonly value: Value } | { readonly kind: 'back' } | { readonly kind: 'cancel' };

/** Goes on with a value; back and cancel are passed on. */
export function withAnswer<Value, Result>(
  answer: Answer<Value>,
  go: (value: Value) => Move<Result> | Promise<Move<Result>>,
): Move<Result> | Promise<Move<Result>> {
  return answer.kind === 'value' ? go(answer.value) : answer;
}

/** A line of a list, or (without a value) a heading. */
export interface PickItem<Value> {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly value?: Value;
  readonly buttons?: readonly PickButton<Value>[];
}

export interface PickButton<Value> {
  /** of the product icons, e.g. "trash" */
  readonly icon: string;
  readonly tooltip: string;
  readonly value: Value;
}

interface Question {
  readonly title: string;
  readonly placeholder: string;
  readonly place: StepPlace;
  /** questions that follow, as far as is known */
  readonly remaining?: number;
}

export interface PickQuestion<Value> extends Question {
  /** a promise shows the list busy meanwhile; it is told to stop when the user goes away, and its failure is shown and leads back */
  readonly items: readonly PickItem<Value>[] | ((signal: AbortSignal) => Promise<readonly PickItem<Value>[]>);
  /** whether this value's line has the focus at first */
  readonly isActive?: (value: Value) => boolean;
}

export interface TextQuestion extends Question {
  readonly value?: string;
  /** hidden while it is typed */
  readonly isSecret?: boolean;
  /** a sentence below the box */
  readonly prompt?: string;
  /** why a text will not do; `isWarning` when it will, but the user should know something */
  readonly check?: (text: string) => TextProblem | null;
}

export interface TextProblem {
  readonly message: string;
  readonly isWarning: boolean;
}

export interface FileQuestion {
  readonly title: string;
  readonly accept: string;
  readonly kind: 'file' | 'folder';
  /** names of kinds of files and their endings */
  readonly filters?: Readonly<Record<string, readonly string[]>>;
}

/** How questions are asked: VS Code's widgets, or a script in tests. */
export interface StepUi {
  pick<Value>(question: PickQuestion<Value>): Promise<Answer<Value>>;
  text(question: TextQuestion): Promise<Answer<string>>;
  /** absolute path; closing the dialogue leads back */
  file(question: FileQuestion): Promise<Answer<string>>;
}
