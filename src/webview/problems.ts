/** What a page should never do, told once to whoever keeps the log: errors that nobody caught, and violations of the policy. */
export function watchProblems(report: (message: string) => void): void {
  window.addEventListener('error', (event) => {
    report(describe(event.error ?? event.message));
  });
  window.addEventListener('unhandledrejection', (event) => {
    report(describe(event.reason));
  });
  document.addEventListener('securitypolicyviolation', (event) => {
    report(
      `policy: ${event.violatedDirective} blocked ${event.blockedURI || 'inline'} (${event.sourceFile}:${event.lineNumber})`,
    );
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
