/** What the terminal, or the pipe in its place, can show. */
export interface TerminalStyle {
  /** columns to use */
  readonly width: number;
  /** block characters and typographic signs; else ASCII */
  readonly unicode: boolean;
  readonly color: boolean;
}

/** The parts of a Node stream and process that decide it. */
export interface TerminalFacts {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

const DEFAULT_WIDTH = 80;
const SMALLEST_WIDTH = 40;
/** Lines of text longer than this are hard to read. */
const LARGEST_WIDTH = 100;

/**
 * Width, characters and colours: from the terminal where there is one, else from COLUMNS; Unicode where the locale is UTF-8; colours only in a terminal,
 * never with NO_COLOR (no-color.org) or TERM=dumb, always with FORCE_COLOR.
 */
export function terminalStyle({ isTTY, columns, environment, platform }: TerminalFacts): TerminalStyle {
  // Some pseudo-terminals say that they have 0 columns.
  const width =
    [columns, Number(environment['COLUMNS'])].find((count) => count !== undefined && count > 0) ?? DEFAULT_WIDTH;
  const isDumb = environment['TERM'] === 'dumb';
  const forced = environment['FORCE_COLOR'];
  const color =
    (environment['NO_COLOR'] ?? '') === '' &&
    (forced === undefined || forced === '' ? isTTY && !isDumb : forced !== '0' && forced !== 'false');
  return {
    width: Math.max(SMALLEST_WIDTH, Math.min(LARGEST_WIDTH, width)),
    unicode: hasUnicode(environment, platform) && !isDumb,
    color,
  };
}

function hasUnicode(environment: TerminalFacts['environment'], platform: NodeJS.Platform): boolean {
  // As the C library has it: the first that is set and not empty decides.
  const locale = [environment['LC_ALL'], environment['LC_CTYPE'], environment['LANG']].find(Boolean);
  if (locale !== undefined) return /utf-?8/i.test(locale);
  if (platform === 'win32') return environment['WT_SESSION'] !== undefined || environment['TERM_PROGRAM'] === 'vscode';
  return platform === 'darwin';
}

const ASCII: Readonly<Record<string, string>> = {
  '−': '-',
  '–': '-',
  '…': '...',
  '·': '|',
  '•': '*',
  '±': '+/-',
  '×': 'x',
  '≥': '>=',
  '≤': '<=',
  '’': "'",
  '“': '"',
  '”': '"',
  β: 'beta',
  γ: 'gamma',
  λ: 'lambda',
  μ: 'mu',
  Σ: 'Sigma',
};

/** Our own typography in ASCII; letters of the user's (file names) stay as they are. */
export function toAscii(text: string): string {
  return text.replace(/[−–…·•±×≥≤’“”βγλμΣ]/g, (character) => ASCII[character]);
}

/**
 * Text that cannot move the cursor or change colours: control characters of the user's (in file names, in sentences) become "�".
 */
export function withoutControls(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is replaced
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '�');
}

/** Lines of at most `width` characters, broken at spaces; a longer word stands alone. */
export function wrap(text: string, width: number, indent = ''): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ +/)) {
    if (line !== '' && line.length + 1 + word.length > width - indent.length) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, indent + line];
}
