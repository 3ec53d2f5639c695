import { describe, expect, it } from 'vitest';
import { drawBar, drawColumns } from '../../../src/core/cli/barCharts';
import { showProgress } from '../../../src/core/cli/progress';
import { terminalStyle, toAscii, withoutControls, wrap } from '../../../src/core/cli/terminal';
import { renderTerminalReport } from '../../../src/core/cli/terminalReport';
import { sampleReport } from '../export/sampleReport';

describe('terminalStyle', () => {
  const style = (environment: Record<string, string>, isTTY = true, columns: number | undefined = 90) =>
    terminalStyle({ isTTY, columns, environment, platform: 'linux' });

  it('follows the locale', () => {
    expect(style({ LANG: 'en_US.UTF-8' }).unicode).toBe(true);
    expect(style({ LANG: 'en_US.UTF-8', LC_ALL: 'C' }).unicode).toBe(false);
    expect(style({ LC_ALL: '', LC_CTYPE: 'C.utf8' }).unicode).toBe(true);
    expect(style({}).unicode).toBe(false);
    expect(style({ LANG: 'en_US.UTF-8', TERM: 'dumb' }).unicode).toBe(false);
  });

  it('colours terminals only, unless told', () => {
    expect(style({}).color).toBe(true);
    expect(style({ NO_COLOR: '1' }).color).toBe(false);
    expect(style({ NO_COLOR: '' }).color).toBe(true);
    expect(style({ TERM: 'dumb' }).color).toBe(false);
    expect(style({}, false).color).toBe(false);
    expect(style({ FORCE_COLOR: '1' }, false).color).toBe(true);
  });

  it('keeps the width within what can be read', () => {
    expect(style({}).width).toBe(90);
    expect(style({}, true, 300).width).toBe(100);
    expect(style({}, true, 10).width).toBe(40);
    expect(style({}, true, 0).width).toBe(80);
    expect(
      terminalStyle({ isTTY: false, columns: undefined, environment: { COLUMNS: '60' }, platform: 'linux' }).width,
    ).toBe(60);
    expect(terminalStyle({ isTTY: false, columns: undefined, environment: {}, platform: 'linux' }).width).toBe(80);
  });
});

describe('text', () => {
  it('wraps at spaces, and never within a word', () => {
    expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
    expect(wrap('incomprehensibility is', 8)).toEqual(['incomprehensibility', 'is']);
  });

  it('lets no control character through', () => {
    expect(withoutControls('a\x1b[31mb\nc\x9b')).toBe('a�[31mb�c�');
  });

  it('has ASCII for our own signs and leaves letters of names', () => {
    expect(toAscii('−0.5 … ± ü')).toBe('-0.5 ... +/- ü');
  });
});

describe('charts', () => {
  it('draws columns of the height asked for', () => {
    expect(drawColumns([1, 0.5, 0.25, 0], 2, true)).toEqual(['█', '██▄']);
    expect(drawColumns([1, 0.5, 0.25, 0], 2, false)).toEqual(['#', '##.']);
  });

  it('shows what is small but not nothing', () => {
    expect(drawColumns([1e-6, 0], 1, true)).toEqual(['▁']);
    expect(drawBar(1e-6, 10, true)).toBe('▏');
    expect(drawBar(0, 10, true)).toBe('');
  });

  it('draws bars in proportion', () => {
    expect(drawBar(0.5, 10, true)).toBe('█████');
    expect(drawBar(0.55, 10, true)).toBe('█████▌');
    expect(drawBar(1, 4, false)).toBe('####');
  });
});

describe('renderTerminalReport', () => {
  const plain = { width: 80, unicode: true, color: false };
  const text = renderTerminalReport(sampleReport(), plain);

  it('has the verdict, the numbers of both spaces, the charts and the notes', () => {
    expect(text).toContain('Random pairs already score 0.14 on average');
    expect(text).toMatch(/Average cosine +0\.142 +0\n/);
    expect(text).toMatch(/Condition number +– +–\n/);
    expect(text).toMatch(/Dimensions +384 +128\n/);
    expect(text).toContain('Spectrum, raw');
    expect(text).toContain('Cosines of random pairs (1,000)');
    expect(text).toContain('fewer than 5 rows per dimension');
    expect(text).toContain('encoded in 4.2 s');
  });

  it('stays within the width, in any of them', () => {
    for (const width of [40, 57, 80, 100]) {
      for (const line of renderTerminalReport(sampleReport(), { ...plain, width }).split('\n')) {
        // One long sentence of the heading may be a word longer than the narrowest terminal.
        expect(line.length, `${String(width)}: ${line}`).toBeLessThanOrEqual(Math.max(width, 64));
      }
    }
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('is pure ASCII where it must be', () => {
    expect(renderTerminalReport(sampleReport(), { ...plain, unicode: false })).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it('differs from the coloured one in the escapes only', () => {
    const colored = renderTerminalReport(sampleReport(), { ...plain, color: true });
    expect(colored).toContain('\x1b[36m');
    // eslint-disable-next-line no-control-regex -- the escapes are what is removed
    const bare = colored.replace(/\x1b\[\d+m/g, '');
    expect(bare.replace(/ +$/gm, '')).toBe(text);
  });

  it('has one column of numbers without a transform', () => {
    const report = sampleReport({ transform: { spec: 'none', fittedOn: null }, transformed: null });
    const single = renderTerminalReport(report, plain);
    expect(single).toMatch(/Average cosine +0\.142\n/);
    expect(single.match(/Spectrum/g)).toHaveLength(1);
  });

  it('lets a file name neither colour nor break the line', () => {
    const report = sampleReport();
    const { snapshot } = report;
    const odd = { ...report, snapshot: { ...snapshot, corpus: { ...snapshot.corpus, source: 'a\x1b[31m\nb' } } };
    expect(renderTerminalReport(odd, plain)).toContain('a�[31m�b');
  });
});

describe('showProgress', () => {
  function record(isTTY: boolean) {
    let clock = 0;
    let written = '';
    const display = showProgress({ write: (text) => (written += text), isTTY, columns: 40 }, () => clock);
    return {
      display,
      wait: (milliseconds: number) => (clock += milliseconds),
      written: () => written,
    };
  }

  it('writes a line per stage to a log, and one every five seconds', () => {
    const { display, wait, written } = record(false);
    display.update({ stage: 'loading', done: 0, total: 1 });
    for (let done = 0; done < 100; done++) {
      display.update({ stage: 'encoding', done, total: 100 });
      wait(60);
    }
    expect(written().split('\n')).toEqual([
      'isoscope: opening the encoder',
      'isoscope: encoding, 0 of 100 sentences (0 %)',
      'isoscope: encoding, 84 of 100 sentences (84 %)',
      '',
    ]);
  });

  it('keeps one live line in a terminal and takes it away', () => {
    const { display, written } = record(true);
    display.update({ stage: 'encoding', done: 99_999, total: 100_000 });
    display.update({ stage: 'geometry', done: 0, total: 3 });
    display.clear();
    expect(written()).not.toContain('\n');
    // Nothing of the longer line stays under the shorter one, and nothing stays after the clearing.
    const frames = written()
      .split('\r')
      .filter((frame) => frame !== '');
    expect(frames.map((frame) => frame.length)).toEqual([39, 39, 39]);
    expect(frames[2]?.trim()).toBe('');
  });
});
