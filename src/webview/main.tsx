import { render } from 'preact';
import { connectToHost } from './hostConnection';
import { Panel } from './panel';
import { readEmbeddedReport, ReportPage } from './report';
import { openStateStore } from './savedState';
import { Summary } from './summary';
import { followSystemTheme, watchTheme } from './theme';

const root = document.getElementById('root') ?? document.body;
const embedded = document.getElementById('isoscope-report');

if (embedded !== null) {
  document.body.dataset['view'] = 'report';
  followSystemTheme();
  const store = openStateStore(null, '');
  const report = readEmbeddedReport(embedded);
  // Who had UMAP made wants to see it first.
  if (report?.report.umap !== undefined) store.update({ projection: 'umap' });
  render(<ReportPage embedded={report} theme={watchTheme()} store={store} />, root);
} else {
  const api = acquireVsCodeApi();
  const hostView = connectToHost(api);
  if (document.body.dataset['view'] === 'summary') {
    render(<Summary hostView={hostView} />, root);
  } else {
    const store = openStateStore(api, document.body.dataset['document'] ?? '');
    render(<Panel hostView={hostView} theme={watchTheme()} store={store} />, root);
  }
}
