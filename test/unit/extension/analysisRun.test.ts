import type * as vscode from 'vscode';
import { describe, expect, it } from 'vitest';
import type { AnalysisResult, EngineRequests } from '../../../src/core/protocol/engineProtocol';
import { IsoscopeError } from '../../../src/core/protocol/errors';
import type { RequestOptions } from '../../../src/core/protocol/rpc';
import { AnalysisRun, type RunServices } from '../../../src/extension/runs/analysisRun';
import type { AnalysisQuestion } from '../../../src/extension/runs/runState';
import { englishL10n } from './englishL10n';
import { sampleReport } from '../export/sampleReport';

interface Asked {
  readonly name: keyof EngineRequests;
  readonly params: { readonly analysisId: string; readonly transform?: string; readonly spec?: string };
  readonly signal: AbortSignal | undefined;
  readonly report: (progress: unknown) => void;
  readonly answer: (result: unknown) => void;
  readonly fail: (error: Error) => void;
}

/** An engine that answers when told to; it rejects at once when cancelled, as the client does. */
function scriptedEngine() {
  const asked: Asked[] = [];
  const request = (
    name: keyof EngineRequests,
    params: unknown,
    options: RequestOptions<unknown> = {},
  ): Promise<unknown> =>
    new Promise((answer, fail) => {
      options.signal?.addEventListener('abort', () => fail(new IsoscopeError('cancelled', 'cancelled')));
      asked.push({
        name,
        params: params as Asked['params'],
        signal: options.signal ?? undefined,
        report: (progress) => options.onProgress?.(progress),
        answer,
        fail,
      });
      if (name === 'forget') answer(null);
    });
  /** The next request of a name that was not looked at yet; waits for it. */
  const next = async (name: keyof EngineRequests): Promise<Asked> => {
    for (let turn = 0; turn < 20; turn++) {
      const at = asked.findIndex((question) => question.name === name);
      if (at >= 0) return asked.splice(at, 1)[0];
      await Promise.resolve();
    }
    throw new Error(`${name} was not asked`);
  };
  return { engine: { request, processId: 1 } as unknown as RunServices['engine'], asked, next };
}

function resultOf(spec: string, encodedCount = 3): AnalysisResult {
  const { snapshot, views } = sampleReport({ transform: { spec, fittedOn: null } });
  return { snapshot, views, truncatedRows: new Uint32Array(0), encodedCount, offer: null };
}

const text = 'one\ntwo\nthree';
const question: AnalysisQuestion = {
  source: 'notes.txt',
  sentences: ['one', 'two', 'three'],
  lines: Uint32Array.of(0, 1, 2),
  encoder: { encoder: 'embedded' },
  transform: 'pca:k=2',
  seed: 0,
};

function openRun() {
  const { engine, asked, next } = scriptedEngine();
  const changes: string[] = [];
  const quiet = (): void => undefined;
  const run = new AnalysisRun({ toString: () => 'file:///notes.txt' } as unknown as vscode.Uri, 'notes.txt', {
    engine,
    log: { info: quiet, debug: quiet, error: quiet },
    l10n: englishL10n,
    dimensions: new Map(),
    onChange: ({ state }, change) => changes.push(change === 'state' ? state.kind : change),
  });
  const analyze = (changed: Partial<AnalysisQuestion> = {}) =>
    run.analyze({ ...question, ...changed }, { text, scope: null });
  return { run, asked, next, changes, analyze };
}

describe('AnalysisRun', () => {
  it('runs, reports progress and shows the result', async () => {
    const { run, next, changes, analyze } = openRun();
    const done = analyze();
    const asked = await next('analyze');
    expect(asked.params.transform).toBe('pca:k=2');
    asked.report({ stage: 'encoding', done: 1, total: 3 });
    expect(run.state).toMatchObject({ kind: 'running', progress: { done: 1 } });
    asked.answer(resultOf('pca:k=2'));
    await done;
    expect(changes).toEqual(['running', 'progress', 'shown']);
    expect(run.analysed?.encodedCount).toBe(3);
  });

  it('"auto" shows the raw space first, then whitens to what the sentences can carry', async () => {
    const { run, next, analyze } = openRun();
    const sentences = Array.from({ length: 50 }, (_, i) => `sentence ${i}`);
    const done = analyze({ transform: 'auto', sentences, lines: Uint32Array.from(sentences.keys()) });
    const first = await next('analyze');
    expect(first.params.transform).toBe('none');
    first.answer(resultOf('none', 50));
    const second = await next('transform');
    expect(run.state).toMatchObject({
      kind: 'running',
      analysed: { result: { snapshot: { transform: { spec: 'none' } } } },
    });
    expect(second.params).toEqual({ analysisId: first.params.analysisId, spec: 'pca:k=10' });
    second.answer(resultOf('pca:k=10', 0));
    await done;
    expect(run.analysed).toMatchObject({
      encodedCount: 50,
      result: { snapshot: { transform: { spec: 'pca:k=10' } } },
    });

    // Now the encoder's dimension is known: no detour.
    const again = analyze({ transform: 'auto', sentences: sentences.slice(0, 40) });
    const whole = await next('analyze');
    expect(whole.params.transform).toBe('pca:k=8');
    whole.answer(resultOf('pca:k=8', 0));
    await again;
  });

  it('reads another layer of the same sentences, and keeps what is shown when that fails', async () => {
    const { run, next, analyze } = openRun();
    const done = analyze();
    (await next('analyze')).answer(resultOf('pca:k=2'));
    await done;
    const shown = run.analysed;

    const refused = run.chooseReading({ layer: 99, pooling: 'mean' });
    const wrong = await next('analyze');
    expect(wrong.params).toMatchObject({ encoder: { layer: 99, pooling: 'mean' }, explore: true });
    wrong.fail(new IsoscopeError('usage', 'There is no layer 99.'));
    await expect(refused).rejects.toThrow('There is no layer 99.');
    expect(run.state).toEqual({ kind: 'shown', analysed: shown });

    const chosen = run.chooseReading({ layer: 3, pooling: 'first-last' });
    const asked = await next('analyze');
    expect(asked.params).toMatchObject({ sentences: shown?.question.sentences });
    asked.answer(resultOf('pca:k=2', 0));
    await chosen;
    expect(run.analysed?.question.encoder).toMatchObject({ layer: 3, pooling: 'first-last' });
    expect(run.analysed?.encodedCount).toBe(0);
  });

  it('a newer run voids the older, whatever the older answers', async () => {
    const { run, next, analyze } = openRun();
    const older = analyze();
    const first = await next('analyze');
    const newer = analyze();
    const second = await next('analyze');
    expect(first.signal?.aborted).toBe(true);
    first.answer(resultOf('pca:k=99'));
    await older;
    expect(run.state.kind).toBe('running');
    second.answer(resultOf('pca:k=2'));
    await newer;
    expect(run.analysed?.result.snapshot.transform.spec).toBe('pca:k=2');
    expect((await next('forget')).params.analysisId).toBe(first.params.analysisId);
  });

  it('cancelling goes back to what was there before, and frees what the engine may hold', async () => {
    const { run, next, analyze } = openRun();
    const first = analyze();
    const cancelled = await next('analyze');
    run.cancel();
    await first;
    expect(run.state.kind).toBe('idle');
    expect((await next('forget')).params.analysisId).toBe(cancelled.params.analysisId);

    const second = analyze();
    (await next('analyze')).answer(resultOf('pca:k=2'));
    await second;
    const third = analyze();
    await next('analyze');
    run.cancel();
    await third;
    expect(run.state).toMatchObject({
      kind: 'shown',
      analysed: { result: { snapshot: { transform: { spec: 'pca:k=2' } } } },
    });
  });

  it('a failure has its reason; the next success forgets it and frees the replaced analysis', async () => {
    const { run, asked, next, analyze } = openRun();
    const first = analyze();
    const shown = await next('analyze');
    shown.answer(resultOf('pca:k=2'));
    await first;
    const second = analyze();
    (await next('analyze')).fail(new IsoscopeError('engine', 'The engine was killed.'));
    await second;
    expect(run.state).toMatchObject({
      kind: 'failed',
      failure: { reason: 'engine', message: 'The engine was killed.' },
    });
    expect(await run.preview('center')).toBeNull();
    asked.length = 0;
    const third = analyze();
    (await next('analyze')).answer(resultOf('pca:k=2'));
    await third;
    expect(run.state.kind).toBe('shown');
    expect((await next('forget')).params.analysisId).toBe(shown.params.analysisId);
  });

  it('what the page chose outlives a re-analysis', async () => {
    const { run, next, analyze } = openRun();
    const first = analyze();
    (await next('analyze')).answer(resultOf('pca:k=2'));
    await first;
    const chosen = run.chooseTransform('zca:eps=0.1');
    (await next('transform')).answer(resultOf('zca:eps=0.1'));
    await chosen;
    const second = analyze();
    const again = await next('analyze');
    expect(again.params.transform).toBe('zca:eps=0.1');
    again.answer(resultOf('zca:eps=0.1'));
    await second;
  });

  it('analyses again by itself what a restarted engine has lost', async () => {
    const { run, next, analyze } = openRun();
    const first = analyze();
    const lost = await next('analyze');
    lost.answer(resultOf('pca:k=2'));
    await first;
    const reading = run.readSimilarity([0, 1]);
    (await next('similarity')).fail(new IsoscopeError('lost', 'lost'));
    expect(await reading).toBeNull();
    const again = await next('analyze');
    expect(again.params.analysisId).not.toBe(lost.params.analysisId);
    again.answer(resultOf('pca:k=2'));
    await run.whenIdle();
    const chosen = run.chooseTransform('center');
    (await next('transform')).fail(new IsoscopeError('lost', 'lost'));
    const third = await next('analyze');
    expect(third.params.transform).toBe('center');
    third.answer(resultOf('center'));
    await chosen;
    expect(run.state.kind).toBe('shown');
  });

  it('other failures of a small question reach who asked, and change no state', async () => {
    const { run, next, analyze } = openRun();
    const first = analyze();
    (await next('analyze')).answer(resultOf('pca:k=2'));
    await first;
    const preview = run.preview('pca:k=0');
    (await next('preview')).fail(new IsoscopeError('usage', 'k is at least 1'));
    await expect(preview).rejects.toThrow('k is at least 1');
    expect(run.state.kind).toBe('shown');
  });

  it('edits while it runs count for the result', async () => {
    const { run, next, analyze } = openRun();
    const done = analyze();
    const asked = await next('analyze');
    run.applyEdits([{ startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0, text: 'new\n' }]);
    run.applyEdits([{ startLine: 2, startCharacter: 0, endLine: 2, endCharacter: 3, text: 'TWO' }]);
    asked.answer(resultOf('pca:k=2'));
    await done;
    expect([...run.analysed!.ledger.lines]).toEqual([1, 2, 3]);
    expect([...run.analysed!.ledger.staleRows]).toEqual([1]);
  });

  it('refuses a text without starting anything', async () => {
    const { run, asked, changes } = openRun();
    run.refuse(new IsoscopeError('input', 'no text'), { text: '', scope: new Set([3]) });
    expect(run.state).toMatchObject({ kind: 'failed', failure: { reason: 'input' } });
    expect(run.ledger?.isWhole).toBe(false);
    await run.whenIdle();
    expect(asked).toHaveLength(0);
    expect(changes).toEqual(['failed']);
  });

  it('asks for UMAP of what the page speaks of, with the seed of the question, and of nothing else', async () => {
    const { run, next, asked, analyze } = openRun();
    expect(await run.umap('raw', 'none')).toBeNull();
    const done = analyze({ seed: 7 });
    (await next('analyze')).answer(resultOf('pca:k=2'));
    await done;
    const layout = run.umap('transformed', 'pca:k=2');
    const umap = await next('umap');
    expect(umap.params).toMatchObject({ side: 'transformed', seed: 7, neighbours: 15 });
    umap.answer({ seed: 7 });
    expect(await layout).toEqual({ seed: 7 });
    // The page speaks of a transform that is not shown any more.
    expect(await run.umap('transformed', 'zca')).toBeNull();
    expect(asked.some(({ name }) => name === 'umap')).toBe(false);
  });
});
