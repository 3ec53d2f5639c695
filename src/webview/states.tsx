import type { VNode } from 'preact';
import type { AnalysisProgress } from '../core/protocol/engineProtocol';
import type { PageAction } from '../core/protocol/webviewProtocol';
import { Button } from './controls';
import type { Host } from './hostConnection';
import { Icon } from './icons';
import { Progress, spokenProgress } from './progress';
import { strings } from './strings';

/** Pages without a report: one sentence and a way on. */

export interface EmptyProps {
  readonly text: string;
  readonly action?: string;
  readonly onAction?: () => void;
}

export function Empty({ text, action, onAction }: EmptyProps): VNode {
  return (
    <div class="state" data-empty>
      <h1>{strings.emptyTitle}</h1>
      <p>{text}</p>
      {action !== undefined && onAction !== undefined && (
        <Button kind="primary" action="analyze" onClick={onAction}>
          {action}
        </Button>
      )}
    </div>
  );
}

export interface RunningProps {
  readonly title: string;
  readonly progress: AnalysisProgress | null;
  readonly host: Host;
}

export function Running({ title, progress, host }: RunningProps): VNode {
  return (
    <div class="state">
      <h1>{title}</h1>
      <Progress progress={progress} onCancel={() => host.notify('cancel', null)} />
      <p class="status" role="status" aria-live="polite">
        {spokenProgress(progress)}
      </p>
    </div>
  );
}

export interface FailedProps {
  readonly title: string;
  readonly message: string;
  readonly actions: readonly PageAction[];
  readonly host: Host;
}

export function Failed({ title, message, actions, host }: FailedProps): VNode {
  return (
    <div class="state failed" role="alert">
      <h1>
        <Icon name="error" /> {strings.failedTitle(title)}
      </h1>
      <p data-failure>{message}</p>
      <div class="actions">
        {actions.map(({ command, label }, i) => (
          <Button
            key={command}
            kind={i === 0 ? 'primary' : 'secondary'}
            action={command}
            onClick={() => host.notify('action', { command })}
          >
            {label}
          </Button>
        ))}
      </div>
    </div>
  );
}
