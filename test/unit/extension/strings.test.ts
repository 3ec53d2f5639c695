import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(__dirname, '../../..');
const readJson = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path.join(root, name), 'utf8')) as Record<string, unknown>;

/** The literals given to `l10n.t` in the extension's sources. */
function stringsInCode(): string[] {
  const folder = path.join(root, 'src/extension');
  const found = new Set<string>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const code = readFileSync(path.join(folder, name), 'utf8');
    for (const [, single, double] of code.matchAll(/l10n\.t\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g)) {
      found.add((single ?? double ?? '').replace(/\\(.)/g, '$1'));
    }
    const calls = code.match(/l10n\.t\(/g)?.length ?? 0;
    const literals = code.match(/l10n\.t\(\s*['"]/g)?.length ?? 0;
    expect(literals, `every l10n.t in ${name} takes a literal`).toBe(calls);
  }
  return [...found].sort();
}

describe('strings for translators', () => {
  it('l10n/bundle.l10n.json holds just the strings of the code', () => {
    const bundle = readJson('l10n/bundle.l10n.json');
    expect(Object.keys(bundle).sort()).toEqual(stringsInCode());
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
