import { runCommandLine } from './commandLine';

void runCommandLine(process.argv.slice(2)).then((exitCode) => process.exit(exitCode));
