import * as vscode from 'vscode';
import type { AnalysisRun } from '../runs/analysisRun';
import type { AnalysisRuns } from '../runs/analysisRuns';
import { onSettingsChange, readSettings } from '../settings';
import type { FindingsOfRuns } from './findingsOfRuns';
import { remarksOf, type LineRemark } from './findingsInText';
import { kindLabel } from './findingText';

/** Edits come by the keystroke. */
const UPDATE_DELAY_MS = 200;

/** Findings beside their lines: decorations in the editor and entries in Problems, each only when the user has asked for it. */
export class FindingMarks implements vscode.Disposable {
  readonly #findings: FindingsOfRuns;
  readonly #runs: AnalysisRuns;
  readonly #decoration: vscode.TextEditorDecorationType;
  readonly #problems: vscode.DiagnosticCollection;
  readonly #watches: vscode.Disposable;
  #timer: NodeJS.Timeout | undefined;

  constructor(findings: FindingsOfRuns, runs: AnalysisRuns) {
    this.#findings = findings;
    this.#runs = runs;
    this.#decoration = vscode.window.createTextEditorDecorationType({
      isWholeLine: true,
      overviewRulerLane: vscode.OverviewRulerLane.Right,
      overviewRulerColor: new vscode.ThemeColor('editorInfo.foreground'),
      after: { color: new vscode.ThemeColor('editorCodeLens.foreground'), margin: '0 0 0 3em' },
    });
    this.#problems = vscode.languages.createDiagnosticCollection('isoscope');
    const update = (): void => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#update(), UPDATE_DELAY_MS);
    };
    this.#watches = vscode.Disposable.from(
      this.#decoration,
      this.#problems,
      findings.onDidChange(update),
      runs.onDidChange(({ run, change }) => {
        if (change === 'removed') this.#problems.delete(run.uri);
        update();
      }),
      vscode.window.onDidChangeVisibleTextEditors(update),
      onSettingsChange(['findings.decorations', 'findings.problems'], update),
    );
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#watches.dispose();
  }

  #update(): void {
    for (const run of this.#runs.all) {
      const { areFindingsDecorated, areFindingsProblems } = readSettings(run.uri);
      const remarks = areFindingsDecorated || areFindingsProblems ? this.#remarksOf(run) : [];
      for (const editor of vscode.window.visibleTextEditors) {
        if (editor.document.uri.toString() !== run.key) continue;
        editor.setDecorations(this.#decoration, areFindingsDecorated ? remarks.map(decorationOf) : []);
      }
      if (areFindingsProblems && remarks.length > 0) this.#problems.set(run.uri, remarks.map(problemOf));
      else this.#problems.delete(run.uri);
    }
  }

  #remarksOf(run: AnalysisRun): readonly LineRemark[] {
    const state = this.#findings.of(run);
    const ledger = run.analysed?.ledger;
    if (state?.kind !== 'shown' || ledger === undefined) return [];
    return remarksOf(state.findings, ledger, vscode.l10n);
  }
}

function decorationOf({ line, text }: LineRemark): vscode.DecorationOptions {
  return { range: new vscode.Range(line, 0, line, 0), renderOptions: { after: { contentText: text } } };
}

function problemOf({ line, kind, text }: LineRemark): vscode.Diagnostic {
  const range = new vscode.Range(line, 0, line, Number.MAX_SAFE_INTEGER);
  const problem = new vscode.Diagnostic(range, text, vscode.DiagnosticSeverity.Information);
  problem.source = 'Isoscope';
  problem.code = kindLabel(kind, vscode.l10n);
  return problem;
}
