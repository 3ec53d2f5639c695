import { parseTyped, stringifyTyped } from '../../src/core/protocol/typedJson';

/** Runs in the page before the page's own program, in the place of VS Code's webview: messages go to and fro as text, state is kept in the tab. */
interface HarnessWindow {
  /** given by the browser's driver */
  tellHost(text: string): Promise<void>;
  receiveFromHost(text: string): void;
  acquireVsCodeApi(): unknown;
}

const harness = window as unknown as HarnessWindow;

harness.receiveFromHost = (text) => {
  window.postMessage(parseTyped(text), '*');
};
harness.acquireVsCodeApi = () => ({
  postMessage: (message: unknown) => void harness.tellHost(stringifyTyped(message)),
  getState: (): unknown => JSON.parse(sessionStorage.getItem('state') ?? 'null'),
  setState: (state: unknown) => {
    sessionStorage.setItem('state', JSON.stringify(state));
    return state;
  },
});
