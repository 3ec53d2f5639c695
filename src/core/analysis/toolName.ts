import { readFileSync } from 'node:fs';
import { resourcePath } from '../resources';

let name: string | undefined;

/** "isoscope x.y.z", as a snapshot says who made it. */
export function toolName(): string {
  if (name === undefined) {
    const { version } = JSON.parse(readFileSync(resourcePath('package.json'), 'utf8')) as { version: string };
    name = `isoscope ${version}`;
  }
  return name;
}
