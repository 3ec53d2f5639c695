import { createHash } from 'node:crypto';
import { stringifyTyped } from '../protocol/typedJson';
import type { Report } from '../protocol/webviewProtocol';

/** The page's own program and style, as built for the panel (dist/webview.js, dist/webview.css). */
export interface PageBundle {
  readonly script: string;
  readonly style: string;
}

/** What the page finds in `<script type="application/json" id="isoscope-report">`, read with `parseTyped`. */
export interface EmbeddedReport {
  readonly report: Report;
  /** by row, each cut to 400 characters; empty when there is no text */
  readonly sentences: readonly string[];
}

/** As much of a sentence as the panel shows. */
const SENTENCE_CHARACTERS = 400;

/**
 * A page that shows the report's charts by itself: the panel's own program, style and data in one file that loads nothing and sends nothing.
 * Its policy allows this one script by its hash, no `eval`, and no connection. The user's text travels as data and is never markup.
 * @param sentences by row; empty for ready vectors without text
 */
export function renderHtmlReport(report: Report, sentences: readonly string[], bundle: PageBundle): string {
  const script = normaliseLines(escapeScript(bundle.script));
  const style = normaliseLines(bundle.style.replace(/<\/style/gi, '<\\/style'));
  const data: EmbeddedReport = { report, sentences: sentences.map(cutSentence) };
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
    // Plotly writes style attributes.
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="${escapeHtml(report.snapshot.tool)}">
<title>${escapeHtml(report.title)}</title>
<style>${style}</style>
</head>
<body data-view="report">
<noscript><p>${escapeHtml(report.verdict)}</p><p>The charts of this report need JavaScript.</p></noscript>
<div id="root"></div>
<script type="application/json" id="isoscope-report">${escapeJson(stringifyTyped(data))}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** JSON in a script element: `<` could end it or open a comment; U+2028 and U+2029 are line ends in old scripts. All have escapes in JSON. */
function escapeJson(json: string): string {
  return json.replace(/[<\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** esbuild leaves these in strings and regular expressions only, where the escapes mean the same. */
function escapeScript(script: string): string {
  return script.replace(/<(?=\/script)/gi, '\\x3C').replace(/<!--/g, '\\x3C!--');
}

/** The parser of HTML makes every line end a line feed before the hash is taken. */
function normaliseLines(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

/** Cut between characters, never within a surrogate pair. */
function cutSentence(sentence: string): string {
  if (sentence.length <= SENTENCE_CHARACTERS) return sentence;
  const end = /[\uD800-\uDBFF]/.test(sentence[SENTENCE_CHARACTERS - 1]) ? SENTENCE_CHARACTERS - 1 : SENTENCE_CHARACTERS;
  return `${sentence.slice(0, end)}…`;
}
