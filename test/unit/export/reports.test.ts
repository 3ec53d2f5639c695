import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { tabulateCosines } from '../../../src/core/export/cosineShares';
import { tabulateGeometry } from '../../../src/core/export/geometryTable';
import { renderHtmlReport } from '../../../src/core/export/htmlReport';
import { escapeMarkdown, renderMarkdownReport } from '../../../src/core/export/markdownReport';
import {
  formatCosine,
  formatCount,
  formatDuration,
  formatNumber,
  formatShare,
} from '../../../src/core/export/numberText';
import { parseTyped } from '../../../src/core/protocol/typedJson';
import { sampleReport } from './sampleReport';

describe('numbers as text', () => {
  it('are short, and rounding is 0', () => {
    expect([0.14159, 12.34567, 384, 1234.5, 1.234e-5, -0.5, 0, 12345678].map((x) => formatNumber(x))).toEqual([
      ...['0.142', '12.3', '384', '1,235', '1.23e−5', '−0.5', '0', '1.23e7'],
    ]);
    expect(formatNumber(3e-9, 1e-8)).toBe('0');
    expect(formatNumber(null)).toBe('–');
    expect([0.1, -0.0004, -0.0006, 1].map(formatCosine)).toEqual(['0.100', '0', '−0.001', '1.000']);
    expect([999, 1000, 1234567].map(formatCount)).toEqual(['999', '1,000', '1,234,567']);
    expect([0.12345, 1e-6, 0, -0.01].map(formatShare)).toEqual(['12.3 %', '<0.1 %', '0.0 %', '−1.0 %']);
    expect([999.4, 999.6, 59_949, 59_951, 185_000].map(formatDuration)).toEqual([
      ...['999 ms', '1.0 s', '59.9 s', '1 min 0 s', '3 min 5 s'],
    ]);
  });
});

describe('tabulateGeometry', () => {
  it('has both spaces, and the raw rows only once', () => {
    const rows = tabulateGeometry(sampleReport().snapshot);
    expect(rows.find(({ label }) => label === 'Average cosine')).toMatchObject({ raw: '0.142', transformed: '0' });
    expect(rows.find(({ label }) => label === 'Intrinsic dimension, TwoNN')).toMatchObject({
      raw: '17.3',
      transformed: '',
    });
  });

  it('leaves the second column out without a transform', () => {
    const { snapshot } = sampleReport({ transformed: null });
    expect(tabulateGeometry(snapshot).every(({ transformed }) => transformed === null)).toBe(true);
  });

  it('shows every value that is null as a dash', () => {
    const { snapshot } = sampleReport();
    const empty = Object.fromEntries(Object.keys(snapshot.raw).map((key) => [key, null]));
    const raw = { ...snapshot.raw, ...empty, count: 1, dimension: 384 };
    const rows = tabulateGeometry({ ...snapshot, raw, transformed: null });
    expect(rows.slice(1).map((row) => row.raw)).toEqual(rows.slice(1).map(() => '–'));
  });
});

describe('tabulateCosines', () => {
  const histogram = (bins: Record<number, number>) => {
    const randomPairs = new Uint32Array(200);
    let randomPairCount = 0;
    for (const [bin, count] of Object.entries(bins)) {
      randomPairs[Number(bin)] = count;
      randomPairCount += count;
    }
    return { binCount: 200, randomPairs, randomPairCount, nearest: null, nearestCount: 0, floor: null };
  };

  it('is fine where the cosines are close together', () => {
    // Bins 180 and 199 are [0.80, 0.81) and [0.99, 1].
    const rows = tabulateCosines([histogram({ 180: 1, 199: 3 })]);
    expect(rows).toHaveLength(10);
    expect(rows[0]).toEqual({ low: 0.8, high: 0.82, shares: [0.25] });
    expect(rows[9]).toEqual({ low: 0.98, high: 1, shares: [0.75] });
  });

  it('is coarse where they are far apart, and shares add up to 1', () => {
    const rows = tabulateCosines([histogram({ 0: 1, 100: 1, 199: 2 }), histogram({ 120: 5 })]);
    expect(rows).toHaveLength(20);
    for (const column of [0, 1]) expect(rows.reduce((sum, { shares }) => sum + shares[column], 0)).toBeCloseTo(1, 12);
  });

  it('is empty without pairs', () => {
    expect(tabulateCosines([histogram({})])).toEqual([]);
  });
});

describe('renderMarkdownReport', () => {
  it('has the numbers in a table whose rows all have the same cells', () => {
    const text = renderMarkdownReport(sampleReport());
    expect(text).toContain('| Average cosine | 0.142 | 0 |');
    for (const line of text.split('\n').filter((candidate) => candidate.startsWith('|'))) {
      expect(line.split('|')).toHaveLength(5);
    }
  });

  it('escapes what Markdown and HTML would read', () => {
    expect(escapeMarkdown('a|b *c* <img onerror=x> [d](e) &lt;\nf')).toBe(
      'a\\|b \\*c\\* \\<img onerror=x\\> \\[d\\](e) &amp;lt; f',
    );
    const text = renderMarkdownReport({ ...sampleReport(), title: '<script>alert(1)</script>' });
    expect(text).toContain('# \\<script\\>alert(1)\\</script\\>');
  });
});

describe('renderHtmlReport', () => {
  const hostile = '</script><script>alert(1)</script><!-- \u2028 & "quoted" \'single\'';
  const report = { ...sampleReport(), title: hostile };
  const bundle = { script: 'const a = "</script>";\r\nconst b = "<!--";', style: 'body { color: red }' };
  const html = renderHtmlReport(report, [hostile, 'x'.repeat(500), `${'y'.repeat(399)}😀`], bundle);
  const scripts = [...html.matchAll(/<script(?<attributes>[^>]*)>(?<body>[\s\S]*?)<\/script>/g)];

  it('brings the report and the sentences through, typed arrays included', () => {
    const data = scripts.find(({ groups }) => groups!['attributes'].includes('id="isoscope-report"'))!;
    const parsed = parseTyped(data.groups!['body']) as { report: typeof report; sentences: string[] };
    expect(parsed.report).toEqual(report);
    expect(parsed.report.views.raw.plane).toBeInstanceOf(Float32Array);
    expect(parsed.sentences[0]).toBe(hostile);
  });

  it('cuts long sentences between characters', () => {
    const data = scripts.find(({ groups }) => groups!['attributes'].includes('id="isoscope-report"'))!;
    const { sentences } = parseTyped(data.groups!['body']) as { sentences: string[] };
    expect(sentences.slice(1)).toEqual([`${'x'.repeat(400)}…`, `${'y'.repeat(399)}…`]);
  });

  it('holds two scripts only, and the policy allows the program by its hash and nothing else', () => {
    expect(scripts).toHaveLength(2);
    expect(html).not.toContain(hostile);
    const program = scripts[1].groups!['body'];
    expect(program).toBe('const a = "\\x3C/script>";\nconst b = "\\x3C!--";');
    const hash = createHash('sha256').update(program).digest('base64');
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)![1];
    expect(policy.split('; ')).toContain(`script-src 'sha256-${hash}'`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe-eval|https?:/);
  });

  it('loads nothing', () => {
    expect(html).not.toMatch(/<(link|img|iframe|script)[^>]+(src|href)=/);
    expect(html).toContain(bundle.style);
  });
});
