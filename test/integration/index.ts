import './commands';
import './analysis';
import './refusals';
import './staleness';
import './hover';
import './panel';
import './engine';
import './encoder';
import './encoderOutside';
import './lab';
import { closeEverything } from './fixture';
import { runAll } from './suite';

/** Called inside the extension host of a real VS Code. */
export function run(): Promise<void> {
  return runAll(closeEverything);
}
