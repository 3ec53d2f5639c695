// eslint-disable-next-line no-restricted-imports -- this is the one module that may.
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeProgressRing,
  vsCodeTag,
} from '@vscode/webview-ui-toolkit';
import { h, type Attributes, type ComponentChildren, type VNode } from 'preact';

/** The toolkit's controls as components: the one place that knows the toolkit. */
provideVSCodeDesignSystem().register(
  vsCodeButton(),
  vsCodeDropdown(),
  vsCodeOption(),
  vsCodeProgressRing(),
  vsCodeTag(),
);

export interface ButtonProps {
  readonly kind?: 'primary' | 'secondary' | 'icon';
  /** what it does, for tests and styles: `data-action` */
  readonly action: string;
  readonly title?: string;
  /** for a button that is on or off */
  readonly isPressed?: boolean;
  readonly isDisabled?: boolean;
  readonly onClick: () => void;
  readonly children: ComponentChildren;
}

export function Button({
  kind = 'secondary',
  action,
  title,
  isPressed,
  isDisabled,
  onClick,
  children,
}: ButtonProps): VNode {
  return control(
    'vscode-button',
    {
      appearance: kind,
      'data-action': action,
      title,
      // The toolkit hands these on to the button inside its shadow.
      'aria-label': title,
      'aria-pressed': isPressed === undefined ? undefined : String(isPressed),
      disabled: isDisabled === true,
      onClick,
    },
    children,
  );
}

export interface DropdownProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly isDisabled?: boolean;
  readonly onChange: (value: string) => void;
}

export function Dropdown({ id, label, value, options, isDisabled, onChange }: DropdownProps): VNode {
  return control(
    'vscode-dropdown',
    {
      id,
      'aria-label': label,
      'current-value': value,
      value,
      disabled: isDisabled === true,
      onChange: (event: Event) => onChange((event.currentTarget as HTMLSelectElement).value),
    },
    options.map((option) => control('vscode-option', { key: option.value, value: option.value }, option.label)),
  );
}

export function ProgressRing(): VNode {
  return control('vscode-progress-ring', { 'aria-hidden': 'true' });
}

export function Tag({ children }: { readonly children: ComponentChildren }): VNode {
  return control('vscode-tag', {}, children);
}

/** A custom element of the toolkit; Preact's types know HTML's only. */
function control(name: string, attributes: Readonly<Record<string, unknown>>, children?: ComponentChildren): VNode {
  return h(name, attributes as Attributes, children);
}
