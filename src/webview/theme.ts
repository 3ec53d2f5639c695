import { createCell, type Cell } from './cell';

/** The colours of charts, resolved: Plotly takes no `var(--x)`. */
export interface Theme {
  readonly foreground: string;
  readonly mutedForeground: string;
  readonly background: string;
  readonly grid: string;
  readonly font: string;
  /** the space as it is */
  readonly before: string;
  /** the space after the transform */
  readonly after: string;
  /** nearest neighbours, against the floor */
  readonly nearest: string;
  /** what the editor's cursor or the mouse is on */
  readonly highlight: string;
  readonly stale: string;
}

/** The theme in force; changes with VS Code's. */
export function watchTheme(): Cell<Theme> {
  const cell = createCell(readTheme());
  const update = (): void => {
    const theme = readTheme();
    // Attributes change for many reasons; only other colours are another theme.
    if (JSON.stringify(theme) !== JSON.stringify(cell.value)) cell.set(theme);
  };
  const observer = new MutationObserver(update);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'style', 'data-vscode-theme-id'] });
  // VS Code sets its variables on the root element.
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['class', 'style'] });
  return cell;
}

function readTheme(): Theme {
  const style = getComputedStyle(document.body);
  const first = (...names: readonly string[]): string => {
    for (const name of names) {
      const value = style.getPropertyValue(`--vscode-${name}`).trim();
      if (value !== '') return value;
    }
    // No theme at all (a page of ours always has one): the browser's own text colour.
    return style.color;
  };
  return {
    foreground: first('foreground', 'editor-foreground'),
    mutedForeground: first('descriptionForeground', 'foreground'),
    background: first('editor-background', 'sideBar-background'),
    // The editor's own thin lines: `charts-lines` is half the text's strength, too loud behind data.
    grid: first('editorIndentGuide-background1', 'editorIndentGuide-background', 'panel-border', 'charts-lines'),
    font: first('font-family'),
    before: first('charts-blue', 'foreground'),
    after: first('charts-orange', 'foreground'),
    nearest: first('charts-purple', 'foreground'),
    highlight: first('focusBorder', 'charts-red', 'foreground'),
    stale: first('editorWarning-foreground', 'charts-yellow', 'foreground'),
  };
}

export function isHighContrast(): boolean {
  return document.body.classList.contains('vscode-high-contrast');
}

/**
 * A page outside VS Code gets the two classes that VS Code would set, following the reader's system; style.css has the colours of both.
 */
export function followSystemTheme(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = (): void => {
    document.body.classList.toggle('vscode-dark', dark.matches);
    document.body.classList.toggle('vscode-light', !dark.matches);
    document.body.dataset['vscodeThemeKind'] = dark.matches ? 'vscode-dark' : 'vscode-light';
  };
  apply();
  dark.addEventListener('change', apply);
}

/** The colour with another opacity, as Plotly takes it. */
export function fade(color: string, opacity: number): string {
  return `rgba(${colorChannels(color).join(', ')}, ${opacity})`;
}

/** Red, green, blue, 0 … 255. */
export function colorChannels(color: string): readonly [number, number, number] {
  let channels = channelsOf.get(color);
  if (channels === undefined) {
    channels = readChannels(color);
    channelsOf.set(color, channels);
  }
  return channels;
}

/** Reading a canvas back is slow, and a theme has few colours. */
const channelsOf = new Map<string, readonly [number, number, number]>();

/** Of any notation that CSS has: the canvas reads them all. */
function readChannels(color: string): readonly [number, number, number] {
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (context === null) return [128, 128, 128];
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red = 128, green = 128, blue = 128] = context.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}
