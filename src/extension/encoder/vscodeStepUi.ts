import * as vscode from 'vscode';
import { failureMessage, failureReason } from '../../core/protocol/errors';
import { plainText, showFailure } from '../messages';
import type { Answer, FileQuestion, PickItem, PickQuestion, StepUi, TextQuestion } from './steps';

interface Line<Value> extends vscode.QuickPickItem {
  readonly item: PickItem<Value>;
  readonly buttons: readonly (vscode.QuickInputButton & { readonly value: Value })[];
}

/** Questions as VS Code asks them: lists, boxes and file dialogues, with step numbers and a way back. */
export const vscodeStepUi: StepUi = { pick, text, file };

async function pick<Value>(question: PickQuestion<Value>): Promise<Answer<Value>> {
  const box = vscode.window.createQuickPick<Line<Value>>();
  box.matchOnDescription = true;
  box.matchOnDetail = true;
  const controller = new AbortController();
  const show = (items: readonly PickItem<Value>[]): void => {
    box.items = items.map(lineOf);
    const active = box.items.filter(({ item }) => item.value !== undefined && question.isActive?.(item.value) === true);
    // An empty list would take the focus from the first line.
    if (active.length > 0) box.activeItems = active;
  };
  try {
    return await ask(box, question, (settle) => {
      const { items } = question;
      if (typeof items === 'function') {
        box.busy = true;
        items(controller.signal).then(
          (loaded) => {
            box.busy = false;
            show(loaded);
          },
          (error: unknown) => {
            if (failureReason(error) !== 'cancelled') showFailure(failureMessage(error));
            settle({ kind: 'back' });
          },
        );
      } else show(items);
      return [
        box.onDidAccept(() => {
          const value = box.selectedItems[0]?.item.value;
          if (value !== undefined) settle({ kind: 'value', value });
        }),
        box.onDidTriggerItemButton(({ button }) =>
          settle({ kind: 'value', value: (button as Line<Value>['buttons'][number]).value }),
        ),
      ];
    });
  } finally {
    controller.abort();
  }
}

function lineOf<Value>(item: PickItem<Value>): Line<Value> {
  const { label, description, detail, value, buttons = [] } = item;
  return {
    item,
    label: plainText(label),
    kind: value === undefined ? vscode.QuickPickItemKind.Separator : vscode.QuickPickItemKind.Default,
    ...(description !== undefined && { description: plainText(description) }),
    ...(detail !== undefined && { detail: plainText(detail) }),
    buttons: buttons.map(({ icon, tooltip, value: chosen }) => ({
      iconPath: new vscode.ThemeIcon(icon),
      tooltip,
      value: chosen,
    })),
  };
}

function text(question: TextQuestion): Promise<Answer<string>> {
  const box = vscode.window.createInputBox();
  const { value = '', isSecret = false, prompt, check } = question;
  box.value = value;
  box.password = isSecret;
  if (prompt !== undefined) box.prompt = prompt;
  const validate = (): boolean => {
    const problem = check?.(box.value) ?? null;
    const severity = vscode.InputBoxValidationSeverity[problem?.isWarning === true ? 'Warning' : 'Error'];
    box.validationMessage = problem === null ? undefined : { message: plainText(problem.message), severity };
    return problem === null || problem.isWarning;
  };
  // An empty box need not be told that it is empty before a letter is typed.
  if (value !== '') validate();
  return ask(box, question, (settle) => [
    box.onDidChangeValue(validate),
    box.onDidAccept(() => {
      if (validate()) settle({ kind: 'value', value: box.value.trim() });
    }),
  ]);
}

/** Shows a box until it is answered; closes it whatever happens. */
function ask<Value>(
  box: vscode.QuickPick<Line<Value>> | vscode.InputBox,
  { title, placeholder, place, remaining = 0 }: PickQuestion<Value> | TextQuestion,
  listen: (settle: (answer: Answer<Value>) => void) => readonly vscode.Disposable[],
): Promise<Answer<Value>> {
  box.title = plainText(title);
  box.placeholder = placeholder;
  box.step = place.number;
  const total = place.number + remaining;
  if (total > 1) box.totalSteps = total;
  if (place.canGoBack) box.buttons = [vscode.QuickInputButtons.Back];
  // A key is copied from another window, a path from another program.
  box.ignoreFocusOut = place.canGoBack;
  return new Promise((resolve) => {
    const watches: vscode.Disposable[] = [];
    const settle = (answer: Answer<Value>): void => {
      for (const watch of watches.splice(0)) watch.dispose();
      box.dispose();
      resolve(answer);
    };
    watches.push(
      box.onDidHide(() => settle({ kind: 'cancel' })),
      box.onDidTriggerButton((button) => {
        if (button === vscode.QuickInputButtons.Back) settle({ kind: 'back' });
      }),
      ...listen(settle),
    );
    box.show();
  });
}

async function file({ title, accept, kind, filters }: FileQuestion): Promise<Answer<string>> {
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title,
      openLabel: accept,
      canSelectFiles: kind === 'file',
      canSelectFolders: kind === 'folder',
      canSelectMany: false,
      ...(filters !== undefined && { filters: mutable(filters) }),
    })) ?? [];
  if (chosen === undefined) return { kind: 'back' };
  if (chosen.scheme === 'file') return { kind: 'value', value: chosen.fsPath };
  showFailure(vscode.l10n.t('"{0}" is not on the disk of this machine: choose a local one.', chosen.toString(true)));
  return { kind: 'back' };
}

function mutable(filters: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(filters).map(([name, endings]) => [name, [...endings]]));
}
