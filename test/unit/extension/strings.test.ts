import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(__dirname, '../../..');
const readJson = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path.join(root, name), 'utf8')) as Record<string, unknown>;

/** The literals given to `l10n.t` in the host and to `t` in the page. */
function stringsInCode(): string[] {
  const found = new Set<string>();
  for (const [folder, call] of [
    ['src/extension', String.raw`l10n\.t\(`],
    ['src/webview', String.raw`\bt\(`],
  ] as const) {
    for (const name of readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.tsx?$/.test(name) || name === 'l10n.ts') continue;
      const code = readFileSync(path.join(root, folder, name), 'utf8');
      const literal = new RegExp(`${call}\\s*(?:'((?:[^'\\\\]|\\\\.)*)'|"((?:[^"\\\\]|\\\\.)*)")`, 'g');
      const strings = [...code.matchAll(literal)].map(
        (match: readonly (string | undefined)[]) => match[1] ?? match[2] ?? '',
      );
      expect(code.match(new RegExp(call, 'g'))?.length ?? 0, `every string of ${name} is a literal`).toBe(
        strings.length,
      );
      for (const string of strings) found.add(string.replace(/\\(.)/g, '$1'));
    }
  }
  return [...found].sort();
}

describe('strings for translators', () => {
  it('l10n/bundle.l10n.json holds just the strings of the code', () => {
    const strings = stringsInCode();
    const file = 'l10n/bundle.l10n.json';
    // After a change of strings: ISOSCOPE_WRITE_BUNDLE=1 npx vitest run test/unit/extension/strings.test.ts
    if (process.env['ISOSCOPE_WRITE_BUNDLE'] === '1') {
      const bundle = Object.fromEntries(strings.map((string) => [string, string]));
      writeFileSync(path.join(root, file), `${JSON.stringify(bundle, null, 2)}\n`);
    }
    const bundle = readJson(file);
    expect(Object.keys(bundle).sort()).toEqual(strings);
    for (const [key, value] of Object.entries(bundle)) expect(value).toBe(key);
  });

  it('package.nls.json holds just the keys of package.json', () => {
    const used = new Set([...JSON.stringify(readJson('package.json')).matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key));
    expect(Object.keys(readJson('package.nls.json')).sort()).toEqual([...used].sort());
  });
});

describe('package.json and the code', () => {
  const { contributes } = readJson('package.json') as {
    contributes: {
      commands: { command: string }[];
      configuration: { properties: Record<string, { default: unknown }> };
      menus: Record<string, { command: string }[]>;
    };
  };
  const commands = contributes.commands.map(({ command }) => command);

  it('every command is contributed once and registered; menus name contributed commands', () => {
    const code = readFileSync(path.join(root, 'src/extension/commands.ts'), 'utf8');
    const registered = [...code.matchAll(/^\s+'(isoscope\.\w+)':/gm)].map(([, name]) => name);
    expect([...registered].sort()).toEqual([...commands].sort());
    for (const items of Object.values(contributes.menus)) {
      for (const { command } of items) expect(commands).toContain(command);
    }
  });

  it('every setting is read in settings.ts, and nothing else is', () => {
    const code = readFileSync(path.join(root, 'src/extension/settings.ts'), 'utf8');
    const read = [...code.matchAll(/\(configuration, '([\w.]+)'/g)].map(([, name]) => `isoscope.${name}`);
    expect([...new Set(read)].sort()).toEqual(Object.keys(contributes.configuration.properties).sort());
  });
});
