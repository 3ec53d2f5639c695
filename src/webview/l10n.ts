/**
 * Translation as `vscode.l10n` has it: the English message, with {0} {1} … for arguments, is the key. The host may give the page a bundle in
 * `<script type="application/json" id="isoscope-l10n">`; without one the page speaks English.
 */

const bundle = readBundle();

/** The message in the reader's language, with its arguments in place. */
export function t(message: string, ...args: readonly (string | number)[]): string {
  return (bundle.get(message) ?? message).replace(/\{(\d+)\}/g, (hole, index: string) =>
    String(args[Number(index)] ?? hole),
  );
}

function readBundle(): ReadonlyMap<string, string> {
  // Tests of single modules run outside a page.
  const text = typeof document === 'undefined' ? '' : (document.getElementById('isoscope-l10n')?.textContent ?? '');
  if (text.trim() === '') return new Map();
  try {
    const entries = Object.entries(JSON.parse(text) as Readonly<Record<string, unknown>>);
    return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    // A damaged translation must not cost the user the page.
    return new Map();
  }
}
